// Package awsconfig answers: do the AWS CLI and the SDKs ask daypass, or does something in their own files come
// first?
//
// It reads ~/.aws/config and ~/.aws/credentials and changes neither.
package awsconfig

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Files are the paths of the two files that every AWS client reads; "" is none.
type Files struct{ Config, Credentials string }

// Locate returns the files that AWS clients read with these variables, for a user with that home directory.
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
	// Profile is the AWS profile's name, Setting what it has there.
	Profile, Setting string
	// Some says that only some of the clients prefer the setting.
	Some bool
}

// settings are the keys that come before credential_process, in words. In the config file static keys do so
// in some clients only: botocore, and so the AWS CLI, asks the process first.
var settings = map[string]string{
	"aws_access_key_id":       "static keys",
	"web_identity_token_file": "a web identity token file",
	"sso_session":             "an IAM Identity Center session",
	"sso_start_url":           "an IAM Identity Center portal",
}

// Shadows returns what hides that daypass profile from AWS clients: in the AWS profiles whose
// credential_process is daypass with this profile, and in the AWS profile of the same name. A file that
// cannot be read hides nothing.
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

// configProfile is the profile of a section of the config file, or "" if it is no profile's.
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

// runsDaypass reports whether a credential_process is daypass with that profile, or with none named.
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

// maxBytes bounds what is read of a file.
const maxBytes = 1 << 20

// readFile returns the entries of a file; none if it cannot be read. A pipe is not: what it holds is for one
// reader.
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
