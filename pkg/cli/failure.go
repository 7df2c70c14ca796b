package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/internal/exchange"
	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/internal/sanitize"
	"github.com/daypass/daypass/pkg/internal/signin"
	"github.com/daypass/daypass/pkg/internal/upload"
	"github.com/daypass/daypass/pkg/profile"
)

// asked returns what the profile asked for, which an error shows beside the answer.
func (t *terminal) asked() remedy.Asked {
	p := t.profile
	return remedy.Asked{Profile: p.Name, Issuer: p.Login.Issuer, ClientID: p.Login.ClientID,
		RoleARN: p.Role.ARN, IdentityPoolID: p.IdentityPool.ID, Region: p.Region, Flags: t.flags(p)}
}

// profileFlags returns the flags with which another command uses this profile.
func (app *App) profileFlags(p profile.Profile) []string {
	var flags []string
	if app.global.config != "" {
		flags = append(flags, "--config", app.global.config)
	}
	name := cmp.Or(app.global.profile, app.Getenv("DAYPASS_PROFILE"))
	if name == "" && p.Profiles > 1 {
		name = p.Name
	}
	if name != "" {
		flags = append(flags, "--profile", name)
	}
	return flags
}

// adviceWidth aligns advice with the evidence above it: «profile» is the longest label there.
const adviceWidth = 7

// advise prints evidence and advice.
func (t *terminal) advise(r remedy.Remedy) {
	var lines []pair
	for _, line := range r.Evidence {
		lines = append(lines, pair{line.Label, line.Text})
	}
	lines = append(lines, pair{"likely", r.Likely}, pair{"compare", r.Compare}, pair{"try", r.Try})
	layOut(t.err, "  ", adviceWidth, t.width(), t.style().dim.Render, lines)
}

// errorLine prints the first line of an error.
func (t *terminal) errorLine(text string) { t.marked(t.style().failed.Render, "daypass:", text) }

// fail prints an error with its advice and returns the exit code.
func (t *terminal) fail(ctx context.Context, cmd *cobra.Command, err error) int {
	t.waits.end()
	if exit, ok := errors.AsType[*exitError](err); ok {
		if exit.err != nil {
			t.errorLine(exit.err.Error())
		}
		return exit.code
	}
	if ctx.Err() != nil {
		t.errorLine(interrupted(ctx, err))
		return remedy.ExitInterrupted
	}
	if reported, ok := errors.AsType[*reportedError](err); ok {
		return reported.exitCode
	}
	if _, ok := errors.AsType[usageError](err); ok {
		t.errorLine(err.Error())
		fmt.Fprintf(t.err, "  try  %s --help\n", cmd.CommandPath())
		return remedy.ExitUsage
	}
	if e, ok := errors.AsType[*onTerminal](err); ok {
		return t.failOnTerminal(e)
	}
	if _, ok := errors.AsType[*browserError](err); ok {
		t.errorLine(err.Error())
		return remedy.ExitUsage
	}
	if plan, ok := errors.AsType[*upload.PlanError](err); ok {
		return t.failPlan(plan)
	}
	if _, ok := errors.AsType[*profile.Error](err); ok {
		return t.failProfile(err)
	}
	return t.failRemedy(err)
}

// interrupted describes what a signal interrupted, from the error's text, which ends in the cause.
func interrupted(ctx context.Context, err error) string {
	if stopped, ok := errors.AsType[*signin.StoppedError](err); ok {
		return "interrupted: " + stopped.Error()
	}
	if pending, ok := errors.AsType[*signin.PendingError](err); ok {
		return "interrupted: the sign-in at " + pending.Host + " is still open in the browser"
	}
	if file, ok := errors.AsType[*upload.Error](err); ok { // the SDK's text for a cancellation is long
		return "interrupted while uploading " + file.File.String()
	}
	if asking, ok := errors.AsType[*exchange.Error](err); ok {
		return "interrupted while " + asking.Step
	}
	for _, cause := range []error{context.Cause(ctx), context.Canceled} {
		if doing, ok := strings.CutSuffix(err.Error(), ": "+cause.Error()); ok {
			return "interrupted while " + doing
		}
	}
	return "interrupted"
}

// failPlan prints every error in the paths.
func (t *terminal) failPlan(plan *upload.PlanError) int {
	for _, problem := range plan.Errs {
		t.errorLine(problem.Error())
	}
	fmt.Fprintln(t.err, "  nothing was uploaded")
	return remedy.ExitUsage
}

// failProfile prints every error in a profile, each on a line of its own.
func (t *terminal) failProfile(err error) int {
	for _, problem := range profileErrors(err) {
		t.errorLine(problem.Error())
		if problem.Hint != "" {
			fmt.Fprintf(t.err, "  %s\n", sanitize.Text(problem.Hint))
		}
	}
	return remedy.ExitUsage
}

// profileErrors collects the *profile.Error in an error tree.
func profileErrors(err error) []*profile.Error {
	switch e := err.(type) {
	case *profile.Error:
		return []*profile.Error{e}
	case interface{ Unwrap() []error }:
		var all []*profile.Error
		for _, inner := range e.Unwrap() {
			all = append(all, profileErrors(inner)...)
		}
		return all
	case interface{ Unwrap() error }:
		return profileErrors(e.Unwrap())
	}
	return nil
}

// failRemedy prints an error with its advice, for the profile that a *daypass.Error carries.
func (t *terminal) failRemedy(err error) int {
	r := t.remedyFor(err)
	t.errorLine(r.Doing)
	t.advise(r)
	return r.ExitCode
}

func (t *terminal) remedyFor(err error) remedy.Remedy {
	if e, ok := errors.AsType[*daypass.Error](err); ok {
		t = t.of(e.Profile)
	}
	return remedy.For(err, t.asked(), t.now())
}
