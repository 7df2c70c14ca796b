// Package awsconfig finds settings in ~/.aws/config and ~/.aws/credentials that the AWS CLI and the SDKs prefer to
// daypass. It does not change these files.
package awsconfig

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Files are the paths of the two files that every AWS client reads; "" if there is none.
type Files struct{ Config, Credentials string }

// Locate returns the files that AWS clients read with this environment and home directory.
func Locate(getenv func(string) string, home string) Files {
	path := func(variable, name string) string {
		file := getenv(variable)
		if rest, ok := strings.CutPrefix(file, "~/"); ok && home != "" {
			return filepath.Join(home, filepath.FromSlash(rest))
		}
		if file == "" && home != "" {
			return filepath.Join(home, ".aws", name)
		}
		return file
	}
	return Files{path("AWS_CONFIG_FILE", "config"), path("AWS_SHARED_CREDENTIALS_FILE", "credentials")}
}

// Shadow is a setting of an AWS profile that clients use instead of its credential_process.
type Shadow struct {
	File string
	Line int
	// Profile is the name of the AWS profile, and Setting describes the setting.
	Profile, Setting string
	// Some says that only some clients prefer the setting.
	Some bool
}

// settings describes the keys that clients prefer to credential_process. In the config file only some clients prefer
// static keys: botocore, and so the AWS CLI, calls the process first.
var settings = map[string]string{
	"aws_access_key_id":       "static keys",
	"web_identity_token_file": "a web identity token file",
	"sso_session":             "an IAM Identity Center session",
	"sso_start_url":           "an IAM Identity Center portal",
}

// Shadows returns the settings that hide the daypass profile from AWS clients. It looks at the AWS profiles whose
// credential_process is daypass with this profile, and at the AWS profile of the same name. A file that cannot be read
// is skipped.
func (f Files) Shadows(profile string) []Shadow {
	config := readFile(f.Config, configProfile)
	credentials := readFile(f.Credentials, func(header string) string { return header })
	ours, hasProcess := map[string]bool{profile: true}, map[string]bool{}
	for _, e := range slices.Concat(config, credentials) {
		if e.key == "credential_process" {
			hasProcess[e.profile] = true
			ours[e.profile] = ours[e.profile] || runsDaypass(e.value, profile)
		}
	}
	var found []Shadow
	for _, e := range credentials {
		if setting := settings[e.key]; setting != "" && ours[e.profile] {
			found = append(found, Shadow{f.Credentials, e.line, e.profile, setting, false})
		}
	}
	for _, e := range config {
		if setting := settings[e.key]; setting != "" && ours[e.profile] && hasProcess[e.profile] {
			found = append(found, Shadow{f.Config, e.line, e.profile, setting, e.key == "aws_access_key_id"})
		}
	}
	return found
}

// configProfile returns the profile of a section of the config file; "" if the section is not a profile.
func configProfile(header string) string {
	if header == "default" {
		return header
	}
	word, name, _ := strings.Cut(strings.ReplaceAll(header, "\t", " "), " ")
	if word != "profile" {
		return ""
	}
	return strings.Trim(strings.TrimSpace(name), `"'`)
}

// runsDaypass reports whether a credential_process runs daypass with that profile, or without a --profile.
func runsDaypass(command, profile string) bool {
	words := strings.Fields(command)
	runs, named := false, ""
	for i, word := range words {
		word = strings.Trim(word, `"'`)
		base := strings.TrimSuffix(word[strings.LastIndexAny(word, `/\`)+1:], ".exe")
		runs = runs || base == "daypass" || base == "daypass-credentials"
		if value, ok := strings.CutPrefix(word, "--profile="); ok {
			named = value
		} else if (word == "--profile" || word == "-p") && i+1 < len(words) {
			named = words[i+1]
		}
	}
	named = strings.Trim(named, `"'`)
	return runs && (named == "" || named == profile)
}

// maxBytes is how much of a file is read.
const maxBytes = 1 << 20

// readFile returns the entries of a file; none if it cannot be read. It does not read a pipe, because that would take
// the content from its real reader.
func readFile(path string, profileOf func(header string) string) []entry {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxBytes))
	if err != nil {
		return nil
	}
	return parse(string(text), profileOf)
}
