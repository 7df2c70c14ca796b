package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/daypass/daypass/pkg/internal/login"
)

// An answer in another container is told where the person is, also by a sign-in's own process.
func TestAnswerElsewhere(t *testing.T) {
	t.Parallel()
	app := testApp()
	app.terminal().event(login.AnswerElsewhere{})
	told := app.Err.(*bytes.Buffer).String()
	for _, want := range []string{"another browser, browser profile or container", "daypass login --no-browser"} {
		if !strings.Contains(strings.Join(strings.Fields(told), " "), want) {
			t.Errorf("told %q, want %q in it", told, want)
		}
	}
	var wire bytes.Buffer
	(&reporter{to: json.NewEncoder(&wire)}).event(login.AnswerElsewhere{})
	var r report
	if err := json.Unmarshal(wire.Bytes(), &r); err != nil || !r.Elsewhere {
		t.Fatalf("the report is %s, %v", wire.Bytes(), err)
	}
	other := testApp()
	if _, done, err := (&listener{terminal: other.terminal()}).tell(r); done || err != nil || other.Err.(*bytes.Buffer).String() != told {
		t.Errorf("the caller shows %q, %v, want %q", other.Err, err, told)
	}
}
