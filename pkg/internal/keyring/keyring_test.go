package keyring

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
)

// bus is any address: the mocked keyring does not use it.
const bus = "unix:path=/nonexistent"

func wantValue(t *testing.T, s *Store, key string, want []byte) {
	t.Helper()
	got, err := s.Get(t.Context(), key)
	if err != nil || !bytes.Equal(got, want) || (got == nil) != (want == nil) {
		t.Errorf("Get(%q) = %q, %v; want %q", key, got, err, want)
	}
}

// Tests that mock go-keyring are not parallel, because it has one provider per process.
func TestPutAndGet(t *testing.T) {
	keyring.MockInit()
	ctx := t.Context()
	s, other := &Store{Service: "daypass", BusAddress: bus}, &Store{Service: "other", BusAddress: bus}
	wantValue(t, s, "login", nil)
	for _, value := range [][]byte{{}, []byte(`{"refresh":"é 1//0g"}`), []byte("a\x00b"), {0xff, 0xfe}} {
		if err := s.Put(ctx, "login", value, time.Time{}); err != nil {
			t.Fatal(err)
		}
		wantValue(t, s, "login", value)
		wantValue(t, other, "login", nil)
	}
	for range 2 { // the second time there is nothing to delete
		if err := s.Delete(ctx, "login"); err != nil {
			t.Fatal(err)
		}
		wantValue(t, s, "login", nil)
	}
}

// An entry that another program stored under our name is an error that does not quote it.
func TestForeignEntry(t *testing.T) {
	keyring.MockInit()
	s := &Store{Service: "daypass", BusAddress: bus}
	for _, entry := range []string{"", "s3cret", "bs3cret!"} {
		if err := keyring.Set("daypass", "login", entry); err != nil {
			t.Fatal(err)
		}
		got, err := s.Get(t.Context(), "login")
		if got != nil || err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("Get of the entry %q = %q, %v; want an error that does not quote it", entry, got, err)
		}
	}
}

func TestErrors(t *testing.T) {
	noLauncher := &exec.Error{Name: "dbus-launch", Err: exec.ErrNotFound}
	tests := []struct{ says, want error }{
		{noLauncher, ErrUnavailable},
		{keyring.ErrUnsupportedPlatform, ErrUnavailable},
		{errors.New("The name org.freedesktop.secrets was not provided by any .service files"), ErrUnavailable},
		{errors.New("failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'"), ErrLocked},
		{errors.New("failed to unlock correct collection '/org/freedesktop/secrets/collection/login/12'"), ErrDenied},
		{&os.PathError{Op: "open", Path: "/run/bus", Err: os.ErrPermission}, ErrDenied},
		{keyring.ErrSetDataTooBig, ErrTooBig},
	}
	s := &Store{Service: "daypass", BusAddress: bus}
	for _, test := range tests {
		keyring.MockInitWithError(test.says)
		_, get := s.Get(t.Context(), "k")
		put := s.Put(t.Context(), "k", nil, time.Time{})
		remove := s.Delete(t.Context(), "k")
		for call, err := range map[string]error{"Get": get, "Put": put, "Delete": remove} {
			if !errors.Is(err, test.want) || !errors.Is(err, test.says) {
				t.Errorf("%s with the OS error %q = %v, want %v and its cause", call, test.says, err, test.want)
			}
		}
	}
}

// Without a bus go-keyring is not called, because it would start one. Here it would answer if it were called.
func TestNoBus(t *testing.T) {
	if runtime.GOOS != "linux" || reachable("") == nil {
		t.Skip("there is a bus, or this platform does not need one")
	}
	keyring.MockInit()
	for _, address := range []string{"", "autolaunch:"} {
		s := &Store{Service: "daypass", BusAddress: address}
		if _, err := s.Get(t.Context(), "k"); !errors.Is(err, ErrUnavailable) {
			t.Errorf("Get with the bus address %q = %v, want %v", address, err, ErrUnavailable)
		}
	}
}

// hungBackend does not answer Get until the test allows it.
type hungBackend struct {
	backend
	asked chan struct{}
	let   chan string
}

func (h hungBackend) Get(_, _ string) (string, error) {
	h.asked <- struct{}{}
	return <-h.let, nil
}

func TestHungKeyring(t *testing.T) {
	t.Parallel()
	h := hungBackend{asked: make(chan struct{}, 9), let: make(chan string)}
	s := &Store{Service: "daypass", Timeout: 20 * time.Millisecond, backend: h}
	for s.calls.current.Load() == nil { // on a busy machine the limit may pass before the keyring is asked
		if _, err := s.Get(t.Context(), "k"); !errors.Is(err, ErrUnavailable) || !errors.Is(err, ErrSlow) {
			t.Fatalf("Get from a hung keyring = %v, want %v", err, ErrSlow)
		}
	}
	s.Timeout = time.Hour
	if _, err := s.Get(t.Context(), "k"); !errors.Is(err, ErrUnavailable) || !errors.Is(err, errBusy) {
		t.Fatalf("Get during an abandoned call = %v, want %v immediately", err, errBusy)
	}
	h.let <- "tlate"
	for s.calls.current.Load() != nil { // the abandoned call is ending
		runtime.Gosched()
	}
	if len(h.asked) != 1 {
		t.Errorf("the keyring was asked %d times, want once while it hung", len(h.asked))
	}
	go func() { h.let <- "tnew" }()
	wantValue(t, s, "k", []byte("new"))
}

func TestContextEndsCall(t *testing.T) {
	t.Parallel()
	h := hungBackend{asked: make(chan struct{}, 9), let: make(chan string)}
	s := &Store{Service: "daypass", Timeout: time.Hour, backend: h}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-h.asked; cancel() }()
	if _, err := s.Get(ctx, "k"); !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) {
		t.Errorf("Get = %v, want %v", err, context.Canceled)
	}
	h.let <- "t"
	if _, err := s.Get(ctx, "k"); !errors.Is(err, context.Canceled) || len(h.asked) != 0 {
		t.Errorf("Get with an ended context = %v, want %v and no call of the keyring", err, context.Canceled)
	}
}

// Calls of several goroutines run one after the other, and all succeed within the limit.
func TestCallsRunOneAtATime(t *testing.T) {
	t.Parallel()
	h := hungBackend{asked: make(chan struct{}, 9), let: make(chan string)}
	s := &Store{Service: "daypass", Timeout: time.Hour, backend: h}
	got := make(chan error, 4)
	for range cap(got) {
		go func() { _, err := s.Get(t.Context(), "k"); got <- err }()
	}
	for range cap(got) {
		<-h.asked
		if len(h.asked) > 0 {
			t.Error("two calls at once")
		}
		h.let <- "t"
		if err := <-got; err != nil {
			t.Error(err)
		}
	}
}
