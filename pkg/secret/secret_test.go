package secret

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const marker = "s3cr3t-marker"

type exported struct{ Key String }
type unexported struct{ key String }
type nested struct{ inner *unexported }

// A secret is not printed by any verb, struct, encoder or log handler.
func TestNeverPrints(t *testing.T) {
	t.Parallel()
	s := New(marker)
	holders := []any{s, &s, exported{s}, &exported{s}, unexported{s}, &unexported{s},
		nested{&unexported{s}}, []String{s}, map[string]String{"k": s}, [1]any{s}}
	verbs := []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%T", "%t", "%b", "%c", "%w"}
	for _, holder := range holders {
		for _, verb := range verbs {
			refuse(t, fmt.Sprintf("%T %s", holder, verb), fmt.Sprintf(verb, holder))
		}
		if b, err := json.Marshal(holder); err == nil {
			refuse(t, "json", string(b))
		}
		var out bytes.Buffer
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "holder", holder)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "holder", holder)
		refuse(t, "slog", out.String())
	}
}

func refuse(t *testing.T, how, printed string) {
	t.Helper()
	hexed := fmt.Sprintf("%x", marker)
	if strings.Contains(printed, marker) || strings.Contains(strings.ToLower(printed), hexed) {
		t.Errorf("%s printed the secret: %s", how, printed)
	}
}

func TestReveal(t *testing.T) {
	t.Parallel()
	if got := New(marker).Reveal(); got != marker {
		t.Errorf("Reveal() = %q, want %q", got, marker)
	}
	var zero String
	if !zero.IsZero() || zero.Reveal() != "" || zero.String() != "" || !New("").IsZero() {
		t.Error("the zero value is not the empty secret")
	}
}

func TestEqual(t *testing.T) {
	t.Parallel()
	if !New("a").Equal(New("a")) || New("a").Equal(New("b")) || New("a").Equal(String{}) || !New("").Equal(String{}) {
		t.Error("Equal does not compare the values")
	}
}
