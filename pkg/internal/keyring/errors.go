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

// What ails the keyring. A Store's errors name it before they wrap one of these.
var (
	// ErrUnavailable says that there is no keyring, or none that answers.
	ErrUnavailable = errors.New("it is not available")
	// ErrSlow says, below ErrUnavailable, that a keyring was asked and did not answer in time.
	ErrSlow = errors.New("no answer in time (it may be waiting at a prompt)")
	// ErrLocked says that the keyring is there, but locked, and was not unlocked: nobody could be asked
	// to, or whoever was dismissed the prompt. A Secret Service tells the two in the same words.
	ErrLocked = errors.New("it is locked")
	// ErrDenied says that the keyring is there, but refuses this program.
	ErrDenied = errors.New("it refuses access")
	// ErrTooBig says that the value is larger than this keyring takes.
	ErrTooBig = errors.New("the value is too big for it")
)

// operatingSystem is the backend that go-keyring chose for this platform.
type operatingSystem struct{}

func (operatingSystem) Get(service, key string) (string, error) { return keyring.Get(service, key) }
func (operatingSystem) Set(service, key, value string) error    { return keyring.Set(service, key, value) }
func (operatingSystem) Delete(service, key string) error        { return keyring.Delete(service, key) }

// classified puts one of these errors before what the OS said; ErrNotFound and our own stay as they are.
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

// unlockKind goes by go-keyring's words for a Secret Service that would not unlock; it has no error value
// for it. A keyring that was never made says the same. What does not unlock in a keyring that did (an
// item is /org/freedesktop/secrets/collection/NAME/NUMBER) was refused to this program.
func unlockKind(err error) error {
	_, what, unlocking := strings.Cut(err.Error(), "failed to unlock correct collection")
	switch {
	case !unlocking:
		return nil
	case strings.Count(what, "/") > 5:
		return ErrDenied
	}
	return ErrLocked
}

// exitKind goes by how security(1) of macOS ends: with the low byte of errSecInteractionNotAllowed, or
// of errSecAuthFailed or errSecUserCanceled.
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
