package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"

	"github.com/spf13/pflag"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/login"
	"github.com/daypass/daypass/pkg/internal/process"
	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/internal/signin"
	"github.com/daypass/daypass/pkg/profile"
)

// signInElsewhere begins a sign-in in a process of its own, if the person may be bothered, and returns once
// that is under way; nil where the profile says never.
func (app *App) signInElsewhere(p profile.Profile) func(context.Context) (broker.Wait, error) {
	if p.SignIn == profile.SignInNever {
		return nil
	}
	return func(ctx context.Context) (broker.Wait, error) {
		if err := app.checkUnasked(p); err != nil {
			return nil, err
		}
		for range starts {
			wait, err := app.beginElsewhere(ctx, p)
			if !errors.Is(err, errEndedAtOnce) {
				return wait, err
			}
		}
		return nil, errEndedAtOnce
	}
}

// starts is how often one is begun whose process ends before it has said a word: somebody may have killed it.
const starts = 3

var errEndedAtOnce = errors.New("starting a sign-in: its process ended at once")

// beginElsewhere returns when the sign-in's process has told its first step.
func (app *App) beginElsewhere(ctx context.Context, p profile.Profile) (broker.Wait, error) {
	reports, kill, err := app.startSignIn()
	if err != nil {
		return nil, fmt.Errorf("starting a sign-in: %w", err)
	}
	select {
	case first, alive := <-reports:
		if !alive {
			return nil, errEndedAtOnce
		}
		return (&listener{app.terminal(), first, reports, func() { app.withdraw(p) }}).wait, nil
	case <-ctx.Done():
		if isCtrlC(ctx) { // it may not have begun, and then there is nothing to withdraw
			kill()
			app.withdraw(p)
		}
		go discard(reports)
		return nil, fmt.Errorf("starting a sign-in: %w", context.Cause(ctx))
	}
}

// stoppedSignIn says that the person's Ctrl-C ended the sign-in that this command had begun.
type stoppedSignIn struct{ host string }

func (e *stoppedSignIn) Error() string { return "the sign-in at " + e.host + " was stopped" }

// isCtrlC reports whether the person ended what ctx was for.
func isCtrlC(ctx context.Context) bool {
	end, ok := errors.AsType[interruption](context.Cause(ctx))
	return ok && end.Signal == os.Interrupt
}

// startSignIn starts this program again with this command line's flags. Its standard streams are not ours:
// aws reads its helper's stderr to its end, and would wait for the person.
func (app *App) startSignIn() (_ <-chan report, kill func(), err error) {
	program, err := app.Executable()
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.Command(program, slices.Concat(app.Within, []string{signInCommand}, app.flagsAgain())...)
	cmd.SysProcAttr = process.Attributes()
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	reports := make(chan report)
	go func() {
		defer close(reports)
		read(out, reports)
		_ = cmd.Wait() // reaps it if it ends while we live; what came of it was reported
	}()
	return reports, func() { _ = cmd.Process.Kill() }, nil // it fails only where the process has ended
}

// read passes the reports on until their writer is gone, or writes something else.
func read(from io.Reader, reports chan<- report) {
	for lines := json.NewDecoder(from); ; {
		var r report
		if lines.Decode(&r) != nil {
			return
		}
		reports <- r
	}
}

// discard hears reports to their end, so that a process that lives longer than our interest in them neither
// waits for us nor stays as a zombie.
func discard(reports <-chan report) {
	for range reports {
	}
}

// flagsAgain are the flags that were given and that a sign-in minds.
func (app *App) flagsAgain() []string {
	return givenFlags(app.keys.root.PersistentFlags(), "timeout", "output")
}

// givenFlags writes the flags that stand on the command line, but for some.
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

// withdraw has the sign-in that is under way end.
func (app *App) withdraw(p profile.Profile) {
	o := app.options(p, app.terminal())
	if b, err := daypass.New(p, o); err == nil {
		b.Attempts.Withdraw()
	}
}

// listener hears what a sign-in's process reports.
type listener struct {
	*terminal
	first    report // heard, and not told yet
	reports  <-chan report
	withdraw func()
}

// wait tells the person what is reported, until something came of it or ctx ends: then the sign-in goes on,
// unless that was the person's own Ctrl-C.
func (l *listener) wait(ctx context.Context) (credential.Credential, error) {
	began := l.now()
	defer func() { go discard(l.reports) }()
	for r := l.first; ; {
		if c, done, err := l.tell(r); done {
			return c, err
		}
		alive := false
		select {
		case r, alive = <-l.reports:
			if !alive {
				return credential.Credential{}, broker.ErrLookAgain
			}
		case <-ctx.Done():
			if isCtrlC(ctx) {
				l.withdraw()
				return credential.Credential{}, &stoppedSignIn{l.host()}
			}
			return credential.Credential{}, fmt.Errorf("%w: %w", broker.ErrSignInNeeded,
				&signin.UnderWayError{Host: l.host(), Began: began})
		}
	}
}

// tell shows one report, and returns what came of the sign-in if that is it.
func (l *listener) tell(r report) (c credential.Credential, done bool, err error) {
	switch {
	case r.Credential != nil:
		if c = credential.FromRecord(r.Credential); c.IsZero() {
			err = errors.New("reading what came of the sign-in: another version of daypass wrote it")
		}
		return c, true, err
	case r.Remedy != nil:
		return c, true, &remedy.Known{Remedy: *r.Remedy}
	case r.Withdrawn:
		return c, true, broker.ErrLookAgain
	case r.StartURL != "":
		l.event(login.BrowserOpening{StartURL: r.StartURL, Host: r.Host})
	case r.Failed != "":
		l.event(login.BrowserFailed{Err: failure(r.Failed)})
	case r.Second:
		l.event(login.SecondBrowser{})
	case r.Elsewhere:
		l.event(login.AnswerElsewhere{})
	case r.Warning != "":
		l.warn(errors.New(r.Warning))
	case r.Step != "":
		if step := l.stepper(); step != nil {
			step(r.Step)
		}
	}
	return c, false, nil
}

// failure is an error of the other process in words, but for those that have a meaning.
func failure(words string) error {
	for _, known := range []error{errNoBrowser, errNoneHere} {
		if words == known.Error() {
			return known
		}
	}
	return errors.New(words)
}
