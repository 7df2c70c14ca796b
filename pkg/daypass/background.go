package daypass

import (
	"context"
	"errors"
	"fmt"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/signin"
)

// startSignIn starts a sign-in in a background process, unless one is pending or the last one failed.
func (c *Client) startSignIn(ctx context.Context) (broker.Wait, error) {
	err := c.signIns.Check()
	if _, pending := errors.AsType[*signin.PendingError](err); pending {
		return func(context.Context) (credential.Credential, error) {
			return credential.Credential{}, broker.ErrLookAgain
		}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignInNeeded, err)
	}
	if err := c.options.Background.Allowed(); err != nil {
		return nil, err
	}
	command, err := c.options.Background.Command()
	if err != nil {
		return nil, fmt.Errorf("starting a sign-in: %w", err)
	}
	process, err := c.signIns.Start(ctx, command)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (credential.Credential, error) { return c.waitFor(ctx, process) }, nil
}

func (c *Client) waitFor(ctx context.Context, process *signin.Process) (got credential.Credential, err error) {
	report, err := process.Wait(ctx, c.options.Background.Event)
	_, stopped := errors.AsType[*signin.StoppedError](err)
	switch {
	case stopped:
		return got, err
	case err != nil:
		return got, fmt.Errorf("%w: %w", ErrSignInNeeded, err)
	case report.Superseded:
		return got, broker.ErrLookAgain
	case report.Failure != nil:
		return got, c.options.Background.Failure(report.Failure)
	}
	if got = credential.FromRecord(report.Result); got.IsZero() {
		return got, errors.New("reading the result of the sign-in: another version of daypass wrote it")
	}
	return got, nil
}
