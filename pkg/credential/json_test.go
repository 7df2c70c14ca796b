package credential

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// jsonString returns JSON that decodes to the same string, without characters that a terminal acts on.
func FuzzJSONText(f *testing.F) {
	for _, text := range []string{"", "ASIA/+=", `"`, `\`, "\x00\x1f\x7f", "ä\u2028", "\u009b31m\u0085", "\u202egnp\u2066\u200e\u061c", "</script>", `a","b":"c`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var want, got string
		plain, err := json.Marshal(text) // invalid UTF-8 becomes U+FFFD there too
		if err != nil || json.Unmarshal(plain, &want) != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(jsonString(text)), &got); err != nil || got != want {
			t.Errorf("jsonString(%q) is read as %q, %v", text, got, err)
		}
		if raw := strings.Trim(jsonString(text), `"`); sanitize.Text(raw) != raw {
			t.Errorf("jsonString(%q) has characters that a terminal acts on: %q", text, raw)
		}
	})
}
