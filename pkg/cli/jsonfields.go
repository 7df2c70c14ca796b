package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// stableJSON is what a command promises that describes its document.
const stableJSON = "What --output json prints is stable: fields are added, never renamed or removed. The manual\n" +
	"describes each."

const jsonAnnotation = "json"

// documentJSON describes a command's document, field by field, on its page of the manual.
func documentJSON(cmd *cobra.Command, fields []pair) {
	var lines []string
	for _, f := range fields {
		lines = append(lines, f.label+"\t"+f.text)
	}
	cmd.Annotations = map[string]string{jsonAnnotation: strings.Join(lines, "\n")}
}

// jsonFields are those that documentJSON described.
func jsonFields(cmd *cobra.Command) []pair {
	var fields []pair
	for line := range strings.Lines(cmd.Annotations[jsonAnnotation]) {
		name, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		fields = append(fields, pair{name, text})
	}
	return fields
}
