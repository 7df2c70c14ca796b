package awsconfig

import "strings"

// entry is a key with a value in a profile.
type entry struct {
	profile, key string
	value        string // only set for credential_process, because other values may be secrets
	line         int    // from 1
}

// parse reads a file as AWS clients do: "#" and ";" begin a comment, "=" or ":" separates key and value, and a
// line that is indented further than the key before it continues that key's value. ProfileOf returns the
// profile of a section, or "" if the section is to be skipped.
func parse(text string, profileOf func(header string) string) []entry {
	var entries []entry
	profile, indent := "", -1
	text = strings.TrimPrefix(text, "\ufeff")
	number := 0
	for line := range strings.Lines(text) {
		number++
		trimmed := strings.TrimSpace(line)
		depth := strings.Index(line, trimmed)
		if trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';' || indent >= 0 && depth > indent {
			continue
		}
		if trimmed[0] == '[' {
			header, _, _ := strings.Cut(trimmed[1:], "]")
			profile, indent = profileOf(strings.TrimSpace(header)), -1
			continue
		}
		indent = depth
		i := strings.IndexAny(trimmed, "=:")
		if profile == "" || i < 0 || strings.TrimSpace(trimmed[i+1:]) == "" {
			continue
		}
		e := entry{profile: profile, key: strings.ToLower(strings.TrimSpace(trimmed[:i])), line: number}
		if e.key == "credential_process" {
			e.value = trimmed[i+1:]
		}
		entries = append(entries, e)
	}
	return entries
}
