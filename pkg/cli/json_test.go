package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// The document has no characters that a terminal acts on, and decodes to what was encoded.
func TestWriteJSON(t *testing.T) {
	t.Parallel()
	const hostile = "a\x1b]0;t\x07\u009b31m\x7f\u202egnp\U000e0041é世界\n<&>"
	var out bytes.Buffer
	if err := writeJSON(&out, map[string]string{"email": hostile}); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); strings.ContainsAny(got, "\x1b\x07\u009b\x7f\u202e\U000e0041") || !strings.Contains(got, "é世界") {
		t.Errorf("%q has what a terminal acts on, or lacks what it shows", got)
	}
	var read map[string]string
	if err := json.Unmarshal(out.Bytes(), &read); err != nil || read["email"] != hostile {
		t.Errorf("read back: %q, %v, want %q", read["email"], err, hostile)
	}
}
