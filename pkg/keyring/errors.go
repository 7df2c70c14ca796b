package keyring

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"github.com/zalando/go-keyring"
)

// What ails the keyring. A Store's errors name it before they wrap one of these.
var (
	// ErrUnavailable says that there is no keyring, or none that answers.
	ErrUnavailable = errors.New("it is not available")
	// ErrLocked says that the keyring is there, but locked, and was not unlocked.
	ErrLocked = errors.New("it is locked")
	// ErrTooBig says that the value is larger than this keyring takes.
	ErrTooBig = errors.New("the value is too big for it")
)

// operatingSystem is the backend that go-keyring chose for this platform.
type operatingSystem struct{}

func (operatingSystem) Get(service, key string) (string, error) { return keyring.Get(service, key) }
func (operatingSystem) Set(service, key, value string) error    { return keyring.Set(service, key, value) }
func (operatingSystem) Delete(service, key string) error        { return keyring.Delete(service, key) }

// classified puts one of the three errors before what the OS said; ErrNotFound stays as it is.
func classified(err error) error {
	switch {
	case err == nil, errors.Is(err, keyring.ErrNotFound):
		return err
	case errors.Is(err, keyring.ErrSetDataTooBig):
		return fmt.Errorf("%w: %w", ErrTooBig, err)
	case isLocked(err):
		return fmt.Errorf("%w: %w", ErrLocked, err)
	}
	return unavailable(err)
}

func unavailable(cause error) error { return fmt.Errorf("%w: %w", ErrUnavailable, cause) }

// isLocked goes by go-keyring's words for a Secret Service that would not unlock (it has no error value
// for it; a keyring that was never made says the same), and on macOS by how security(1) ends: the low
// byte of errSecInteractionNotAllowed, errSecAuthFailed or errSecUserCanceled.
func isLocked(err error) bool {
	if text := err.Error(); strings.Contains(text, "failed to unlock") || strings.Contains(text, "IsLocked") {
		return true
	}
	exit, ended := errors.AsType[*exec.ExitError](err)
	return runtime.GOOS == "darwin" && ended && slices.Contains([]int{36, 51, 128}, exit.ExitCode())
}
