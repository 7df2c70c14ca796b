package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/exchange"
	"github.com/daypass/daypass/pkg/internal/signin"
	"github.com/daypass/daypass/pkg/internal/upload"
)

// The message after a signal says what was interrupted, and which sign-in is still pending.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(interruption{os.Interrupt})
	for _, row := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("signing in at idp.example.com: %w", context.Cause(ctx)), "interrupted while signing in at idp.example.com"},
		{fmt.Errorf("exchanging the ID token: %w", ctx.Err()), "interrupted while exchanging the ID token"},
		{&signin.StoppedError{Host: "idp.example.com"}, "interrupted: the sign-in at idp.example.com was stopped"},
		{fmt.Errorf("%w: %w", broker.ErrSignInNeeded, &signin.PendingError{Host: "idp.example.com"}),
			"interrupted: the sign-in at idp.example.com is still open in the browser"},
		{&upload.Error{File: upload.File{Path: "holiday.jpg"}, Err: fmt.Errorf("operation error S3: PutObject, %w", ctx.Err())},
			"interrupted while uploading holiday.jpg"},
		{&exchange.Error{Step: "assuming role", Err: fmt.Errorf("operation error STS: AssumeRole, %w", ctx.Err())}, "interrupted while assuming role"},
		{ctx.Err(), "interrupted"},
		{errors.New("something else"), "interrupted"},
	} {
		if got := interrupted(ctx, row.err); got != row.want {
			t.Errorf("%v: %q, want %q", row.err, got, row.want)
		}
	}
}
