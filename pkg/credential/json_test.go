package credential

import (
	"encoding/json"
	"testing"
)

// jsonString returns JSON that decodes to the same string.
func FuzzJSONText(f *testing.F) {
	for _, text := range []string{"", "ASIA/+=", `"`, `\`, "\x00\x1f\x7f", "ä\u2028", "</script>", `a","b":"c`} {
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
	})
}
