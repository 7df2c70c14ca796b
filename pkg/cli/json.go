package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// writeJSON prints one indented document, without characters that a terminal acts on.
func writeJSON(w io.Writer, document any) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		return fmt.Errorf("printing JSON: %w", err)
	}
	if _, err := w.Write(sanitize.JSON(out.Bytes())); err != nil {
		return fmt.Errorf("printing JSON: %w", err)
	}
	return nil
}
