package keyring

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"runtime"
	"strings"

	"github.com/zalando/go-keyring"
)

// The reasons why the keyring cannot be used. A Store's errors wrap one of these.
var (
	// ErrUnavailable says that there is no keyring, or that it does not answer.
	ErrUnavailable = errors.New("it is not available")
	// ErrSlow says, together with ErrUnavailable, that a keyring did not answer in time.
	ErrSlow = errors.New("no answer in time (it may be waiting at a prompt)")
	// ErrLocked says that the keyring is locked and was not unlocked: no prompt could be shown, or the person
	// dismissed it. A Secret Service reports both in the same words.
	ErrLocked = errors.New("it is locked")
	// ErrDenied says that the keyring refuses this program.
	ErrDenied = errors.New("it refuses access")
	// ErrTooBig says that the value is larger than this keyring accepts.
	ErrTooBig = errors.New("the value is too big for it")
)

// operatingSystem is the backend that go-keyring chose for this platform.
type operatingSystem struct{}

func (operatingSystem) Get(service, key string) (string, error) { return keyring.Get(service, key) }
func (operatingSystem) Set(service, key, value string) error    { return keyring.Set(service, key, value) }
func (operatingSystem) Delete(service, key string) error        { return keyring.Delete(service, key) }

// classified wraps the error of the OS in one of the errors above. It returns keyring.ErrNotFound and our own errors
// unchanged.
func classified(err error) error {
	if err == nil {
		return nil
	}
	for _, known := range []error{keyring.ErrNotFound, ErrUnavailable, ErrLocked, ErrDenied, ErrTooBig, errUnreadable} {
		if errors.Is(err, known) {
			return err
		}
	}
	kind := cmp.Or(busKind(err), unlockKind(err), exitKind(err), ErrUnavailable)
	switch {
	case errors.Is(err, keyring.ErrSetDataTooBig):
		kind = ErrTooBig
	case errors.Is(err, fs.ErrPermission):
		kind = ErrDenied
	}
	return fmt.Errorf("%w: %w", kind, err)
}

func unavailable(cause error) error { return fmt.Errorf("%w: %w", ErrUnavailable, cause) }

// unlockKind recognizes go-keyring's text for a Secret Service that did not unlock, because there is no error value
// for it. The text is the same for a keyring that does not exist. If the keyring unlocked and only an item did not
// (its path is /org/freedesktop/secrets/collection/NAME/NUMBER), the item was refused to this program.
func unlockKind(err error) error {
	_, path, unlocking := strings.Cut(err.Error(), "failed to unlock correct collection")
	switch {
	case !unlocking:
		return nil
	case strings.Count(path, "/") > 5:
		return ErrDenied
	}
	return ErrLocked
}

// exitKind classifies the exit codes of security(1) on macOS: the low byte of errSecInteractionNotAllowed, and of
// errSecAuthFailed and errSecUserCanceled.
func exitKind(err error) error {
	exit, ended := errors.AsType[*exec.ExitError](err)
	if runtime.GOOS != "darwin" || !ended {
		return nil
	}
	switch exit.ExitCode() {
	case 36:
		return ErrLocked
	case 51, 128:
		return ErrDenied
	}
	return nil
}
