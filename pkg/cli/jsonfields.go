package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// stableJSON ends the help of the commands whose JSON is documented.
const stableJSON = "The output of --output json is stable: fields are added, never renamed or removed. The man page\n" +
	"describes each."

const jsonAnnotation = "json"

// documentJSON describes each field of a command's JSON for its man page.
func documentJSON(cmd *cobra.Command, fields []pair) {
	var lines []string
	for _, f := range fields {
		lines = append(lines, f.label+"\t"+f.text)
	}
	cmd.Annotations = map[string]string{jsonAnnotation: strings.Join(lines, "\n")}
}

// jsonFields returns the fields that documentJSON described.
func jsonFields(cmd *cobra.Command) []pair {
	var fields []pair
	for line := range strings.Lines(cmd.Annotations[jsonAnnotation]) {
		name, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		fields = append(fields, pair{name, text})
	}
	return fields
}
