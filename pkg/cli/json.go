package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
)

// writeJSON prints one indented document.
func writeJSON(w io.Writer, document any) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		return fmt.Errorf("printing JSON: %w", err)
	}
	if _, err := w.Write(escaped(out.Bytes())); err != nil {
		return fmt.Errorf("printing JSON: %w", err)
	}
	return nil
}

// escaped writes DEL, C1 and format characters as \u: encoding/json leaves them as they are, and a terminal acts on them.
// They occur only in strings, so the document keeps its meaning.
func escaped(document []byte) []byte {
	var out bytes.Buffer
	for _, r := range string(document) {
		if r == '\n' || !unicode.IsControl(r) && !unicode.Is(unicode.Cf, r) {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return out.Bytes()
}
