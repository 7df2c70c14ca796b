package profile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

const marker = "s3cr3t-marker"

// FuzzLoad checks that Load never panics, and that no error and no printed form of the profile contains a client secret.
func FuzzLoad(f *testing.F) {
	f.Add(design)
	f.Add(minimal)
	f.Add("[[a]]\n[[a.b]]\n[a.b.c]\n")
	f.Add("profile = 1\nlogin = 2\n")
	f.Add("[login.g.client_secret]\n[profile]\n")
	f.Add("client_id = \"\n")
	f.Add("x = [[{a = [1, {b = 2}]}]]")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, marker) {
			t.Skip()
		}
		file := filepath.Join(t.TempDir(), "config.toml")
		for _, whole := range []string{
			text + "\n[login.fuzz]\nclient_secret = '" + marker + "'\n",
			"[profile.fuzz.login]\nclient_secret = \"" + marker + "\"\n" + text,
			"login.fuzz = { client_secret = \"" + marker + "\", " + text,
		} {
			if err := os.WriteFile(file, []byte(whole), 0o600); err != nil {
				t.Fatal(err)
			}
			p, err := Load(Source{File: file})
			if printed := fmt.Sprintf("%v %+v %#v", err, p, p); strings.Contains(printed, marker) {
				t.Errorf("the secret was printed: %s", printed)
			}
		}
	})
}

// FuzzParseFile checks that parseFile refuses what the library's own decoder refuses, except invalid numbers and dates: the
// schema refuses those types.
func FuzzParseFile(f *testing.F) {
	f.Add(design)
	for _, seed := range []string{"a.b = 'x'\n[a]\n", "[a.b]\n[a]\n[a.c]\n", "[a]\nb.c = ''\n[a.b]\n", "[a]\nb.c = ''\n[a.b.d]\n",
		"a = {b = ''}\na.c = ''\n", "a = {b.c = '', b.d = ''}\n", "a = {b = '', b = ''}\n", "[a.b]\n[a]\nb.c = ''\n", "a = ''\n[a]\n", "a = ''\na.b = ''\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := parseFile("config.toml", []byte(text))
		if err != nil {
			return
		}
		for _, e := range doc.entries {
			if e.shape == shapeOther {
				return
			}
		}
		var decoded map[string]any
		if err := toml.Unmarshal([]byte(text), &decoded); err != nil {
			t.Errorf("accepted %q: %v", text, err)
		}
	})
}
