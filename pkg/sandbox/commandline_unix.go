//go:build !windows

package sandbox

import "strings"

// commandLine quotes words for a credential_process. botocore splits it with Python's shlex; the Go and JavaScript
// SDKs pass it to sh. Single quotes mean the same to both.
func commandLine(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = word
		if word == "" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%,=") != "" {
			quoted[i] = "'" + strings.ReplaceAll(word, "'", `'"'"'`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}
