package sandbox

import "strings"

// commandLine quotes words for a credential_process, as cmd and CreateProcess parse them. A path cannot contain a
// double quote.
func commandLine(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = word
		if strings.ContainsAny(word, " \t&()^;,=") {
			quoted[i] = `"` + word + `"`
		}
	}
	return strings.Join(quoted, " ")
}
