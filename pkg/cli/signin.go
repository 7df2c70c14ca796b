package cli

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/login"
	"github.com/daypass/daypass/pkg/internal/process"
	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/internal/signin"
	"github.com/daypass/daypass/pkg/profile"
)

// A sign-in that nobody asked for runs in a process of its own, for an SDK kills its credential process
// before a person has typed a password. It holds the port, and lives five minutes at most. What it has to
// tell goes to its caller as JSON, one report a line, on a pipe; what the caller makes of it, or whether it
// is still there, does not matter here.

const signInCommand = "sign-in"

// report is a line from a sign-in's process: an event, or what came of it.
type report struct {
	Step     string `json:"step,omitempty"`
	StartURL string `json:"start_url,omitempty"`
	Host     string `json:"host,omitempty"`
	// Failed says why no browser opened, Warning what went wrong without harm.
	Failed string `json:"failed,omitempty"`
	Second bool   `json:"second,omitempty"`
	// Elsewhere says that the answer came in another browser.
	Elsewhere bool   `json:"elsewhere,omitempty"`
	Warning   string `json:"warning,omitempty"`
	// Credential is what the caller was after: where there is neither agent nor keyring it is nowhere else.
	// The pipe's ends are both ours.
	Credential []byte         `json:"credential,omitempty"`
	Remedy     *remedy.Remedy `json:"remedy,omitempty"`
	Withdrawn  bool           `json:"withdrawn,omitempty"`
}

func newSignInCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:    signInCommand,
		Short:  "Be the process in which a sign-in goes on",
		Hidden: true, // it is started by the command that needs it, and speaks its language
		Args:   app.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			process.Settle()
			// The caller may be gone. What is ignored the browser would inherit; what is caught it does not.
			signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
			r := &reporter{to: json.NewEncoder(app.Out)}
			p, o, err := app.prepare()
			if err != nil {
				r.tell(report{Remedy: app.remedyFor(err)})
				return err
			}
			o.Apart, o.Unasked = nil, true
			o.Notify, o.Warn = r.event, func(err error) { r.tell(report{Warning: app.terminal().warning(err)}) }
			o.Step = func(step string) { r.tell(report{Step: step}) }
			ctx, cancel := context.WithTimeout(cmd.Context(), signInPatience)
			defer cancel()
			return app.signIn(ctx, p, o, r)
		},
	}
}

// signIn has the person sign in, and reports what came of it.
func (app *App) signIn(ctx context.Context, p profile.Profile, o daypass.Options, r *reporter) error {
	b, err := daypass.New(p, o)
	if err != nil {
		r.tell(report{Remedy: app.remedyFor(err)})
		return err
	}
	c, err := b.SignIn(ctx)
	switch {
	case err == nil:
		r.tell(report{Credential: c.Record()})
	case errors.Is(err, signin.ErrWithdrawn), errors.Is(err, broker.ErrLookAgain):
		r.tell(report{Withdrawn: true})
	default:
		r.tell(report{Remedy: app.remedyFor(err)})
	}
	return err
}

func (app *App) remedyFor(err error) *remedy.Remedy {
	r := remedy.For(err, app.asked(), app.Now())
	return &r
}

// reporter tells the caller one thing at a time.
type reporter struct {
	mu sync.Mutex
	to *json.Encoder
}

func (r *reporter) tell(what report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.to.Encode(what) // who is gone hears nothing
}

func (r *reporter) event(e login.Event) {
	switch e := e.(type) {
	case login.BrowserOpening:
		r.tell(report{StartURL: e.StartURL, Host: e.Host})
	case login.BrowserFailed:
		r.tell(report{Failed: e.Err.Error()})
	case login.SecondBrowser:
		r.tell(report{Second: true})
	case login.AnswerElsewhere:
		r.tell(report{Elsewhere: true})
	case login.Warning:
		r.tell(report{Warning: remedy.InWords(e.Err)})
	}
}
