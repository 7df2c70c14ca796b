//go:build !windows

package sandbox

import "strings"

// commandLine quotes words for a credential_process: botocore splits it by Python's shlex and the Go
// and JavaScript SDKs give it to sh, and in single quotes both take everything as it is but that quote.
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
