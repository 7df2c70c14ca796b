package cli

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/process"
	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/internal/signin"
	"github.com/daypass/daypass/pkg/profile"
)

// A sign-in that nobody asked for runs in a background process: this program with the command sign-in. Package signin
// describes how; this file has the command and the messages between the two processes.

const signInCommand = "sign-in"

func newSignInCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:    signInCommand,
		Short:  "Sign in for another process",
		Hidden: true, // started by the process that needs it, to which it reports on stdout
		Args:   app.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			process.Isolate()
			// The caller may have ended. An ignored signal would be inherited by the browser; a caught one is not.
			signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
			r := signin.NewReporter(app.Out)
			client, err := app.open(func(p profile.Profile, o *daypass.Options) {
				o.Background, o.InBackground = nil, true
				o.Notify = func(e daypass.Event) { r.Report(signin.Report{Event: encode(app.terminal().of(p).message(e))}) }
			})
			if err != nil {
				r.Report(app.failureReport(err))
				return err
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), signInTimeout)
			defer cancel()
			c, err := client.SignIn(ctx)
			switch {
			case err == nil: // without agent and keyring the credential is stored nowhere else
				r.Report(signin.Report{Result: c.Record()})
			case errors.Is(err, signin.ErrWithdrawn), errors.Is(err, signin.ErrSuperseded), errors.Is(err, broker.ErrLookAgain):
				r.Report(signin.Report{Superseded: true})
			default:
				r.Report(app.failureReport(err))
			}
			return err
		},
	}
}

func (app *App) failureReport(err error) signin.Report {
	return signin.Report{Failure: encode(app.terminal().remedyFor(err))}
}

// background says how this command line starts a sign-in that nobody asked for; nil if the profile forbids that.
func (app *App) background(p profile.Profile, t *terminal) *daypass.Background {
	if p.SignIn == profile.SignInNever {
		return nil
	}
	return &daypass.Background{
		Command: func() ([]string, error) {
			program, err := app.Executable()
			return slices.Concat([]string{program}, app.Within, []string{signInCommand}, app.flagsAgain()), err
		},
		Allowed: func() error { return app.checkBackgroundSignIn(p) },
		Event:   func(report []byte) { t.event(decode[message](report).event()) },
		Failure: func(report []byte) error { return &remedy.Known{Remedy: decode[remedy.Remedy](report)} },
	}
}

// flagsAgain returns the given flags that a background sign-in needs.
func (app *App) flagsAgain() []string {
	return givenFlags(app.keys.root.PersistentFlags(), "timeout", "output")
}

// givenFlags returns the flags that were given on the command line, without some.
func givenFlags(set *pflag.FlagSet, without ...string) []string {
	var flags []string
	set.VisitAll(func(f *pflag.Flag) {
		if !f.Changed || slices.Contains(without, f.Name) {
			return
		}
		values := []string{f.Value.String()}
		if text, ok := f.Value.(*textFlag); ok {
			values = text.values
		}
		for _, value := range values {
			if f.NoOptDefVal != "" && value == f.NoOptDefVal {
				flags = append(flags, "--"+f.Name)
				continue
			}
			flags = append(flags, "--"+f.Name+"="+value)
		}
	})
	return flags
}

// message is an event as the background process reports it. It has errors as text.
type message struct {
	Step     string `json:"step,omitempty"`
	StartURL string `json:"start_url,omitempty"`
	Host     string `json:"host,omitempty"`
	Failed   string `json:"failed,omitempty"`
	Second   bool   `json:"second,omitempty"`
	// Elsewhere says that the answer came in another browser.
	Elsewhere bool   `json:"elsewhere,omitempty"`
	Warning   string `json:"warning,omitempty"`
}

func (t *terminal) message(e daypass.Event) message {
	switch e := e.(type) {
	case daypass.BrowserOpening:
		return message{StartURL: e.StartURL, Host: e.Host}
	case daypass.BrowserFailed:
		return message{Failed: e.Err.Error()}
	case daypass.SecondBrowser:
		return message{Second: true}
	case daypass.AnswerElsewhere:
		return message{Elsewhere: true}
	case daypass.Warning:
		return message{Warning: t.warning(e.Err)}
	case daypass.Step:
		return message{Step: e.Text}
	}
	return message{}
}

func (m message) event() daypass.Event {
	switch {
	case m.StartURL != "":
		return daypass.BrowserOpening{StartURL: m.StartURL, Host: m.Host}
	case m.Failed != "":
		return daypass.BrowserFailed{Err: launcherError(m.Failed)}
	case m.Second:
		return daypass.SecondBrowser{}
	case m.Elsewhere:
		return daypass.AnswerElsewhere{}
	case m.Warning != "":
		return daypass.Warning{Err: errors.New(m.Warning)}
	}
	return daypass.Step{Text: m.Step}
}

// launcherError returns the error with that text, so that errors.Is finds errNoBrowser and errNoneHere.
func launcherError(text string) error {
	for _, known := range []error{errNoBrowser, errNoneHere} {
		if text == known.Error() {
			return known
		}
	}
	return errors.New(text)
}

func encode(v any) []byte {
	text, _ := json.Marshal(v) // strings and numbers only
	return text
}

// decode returns the zero value for what another version of daypass wrote.
func decode[T any](text []byte) (v T) {
	if json.Unmarshal(text, &v) != nil {
		var zero T
		return zero
	}
	return v
}
