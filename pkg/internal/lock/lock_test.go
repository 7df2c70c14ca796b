package lock

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// holdArgument makes the test binary take the lock and hold it until its stdin ends.
const holdArgument = "hold-this-lock"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == holdArgument {
		os.Exit(hold(os.Args[2]))
	}
	if len(os.Args) == 3 && os.Args[1] == contendArgument {
		os.Exit(contend(os.Args[2]))
	}
	os.Exit(m.Run())
}

func hold(path string) int {
	release, err := Acquire(context.Background(), path)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer release()
	fmt.Println("held")
	io.Copy(io.Discard, os.Stdin)
	return 0
}

// holder is another process that holds the lock when startHolder returns.
type holder struct {
	*exec.Cmd
	stdin io.Closer
}

func startHolder(t *testing.T, path string) holder {
	t.Helper()
	cmd := exec.Command(os.Args[0], holdArgument, path)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close(); cmd.Process.Kill(); cmd.Wait() })
	if line, _ := bufio.NewReader(stdout).ReadString('\n'); line != "held\n" {
		t.Fatalf("the holder printed %q, want held", line)
	}
	return holder{cmd, stdin}
}

func within(t *testing.T, limit time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	return ctx
}

// wantNoFile checks that the file is gone, as it must be when nobody holds the lock.
func wantNoFile(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Lstat(path); removes && !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file of a lock that nobody holds is still there (%v)", err)
	}
}

func TestContextEndsWait(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "login.lock")
	startHolder(t, path)
	_, err := Acquire(within(t, 50*time.Millisecond), path)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), path) {
		t.Errorf("Acquire of a lock held elsewhere = %v, want a deadline error that names %s", err, path)
	}
}

// The next process gets the lock, however the holder ended.
func TestHolderEnds(t *testing.T) {
	t.Parallel()
	ends := map[string]func(holder) error{
		"killed":   func(h holder) error { return h.Process.Kill() },
		"released": func(h holder) error { return h.stdin.Close() },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "login.lock")
			h := startHolder(t, path)
			if _, err := Acquire(within(t, time.Millisecond), path); err == nil {
				t.Fatal("two processes hold the lock")
			}
			if err := end(h); err != nil {
				t.Fatal(err)
			}
			release, err := Acquire(within(t, 10*time.Second), path)
			if err != nil {
				t.Fatalf("Acquire after the holder was %s: %v", name, err)
			}
			release()
			release()
			wantNoFile(t, path)
		})
	}
}

// Await does not take the lock: two callers wait at once, and each reports whether there was a holder.
func TestAwait(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "attempt.lock")
	if was, err := Await(t.Context(), path); was || err != nil {
		t.Errorf("Await of a lock that nobody holds = %t, %v; want false", was, err)
	}
	wantNoFile(t, path)
	h := startHolder(t, path)
	if was, err := Await(within(t, time.Millisecond), path); !was || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Await of a held lock = %t, %v; want true and a deadline error", was, err)
	}
	if _, ok := Try(path); ok {
		t.Error("Try took a lock that another process holds")
	}
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			if _, err := Await(within(t, 10*time.Second), path); err != nil {
				t.Errorf("Await: %v", err)
			}
		})
	}
	h.stdin.Close()
	all.Wait()
	release, ok := Try(path)
	if !ok {
		t.Fatal("Try did not take a lock that nobody holds")
	}
	release()
	wantNoFile(t, path)
}

func TestGoroutinesTakeTurns(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "login.lock")
	ctx := within(t, 30*time.Second)
	var inside, done atomic.Int32 // atomic, because the race detector does not know flock(2)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			release, err := Acquire(ctx, path)
			if err != nil {
				t.Error(err)
				return
			}
			defer release()
			if n := inside.Add(1); n != 1 {
				t.Errorf("%d goroutines hold the lock, want 1", n)
			}
			runtime.Gosched()
			inside.Add(-1)
			done.Add(1)
		})
	}
	all.Wait()
	if n := done.Load(); n != 8 {
		t.Errorf("%d goroutines had the lock, want 8", n)
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("file modes and links exist on Unix only")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "login.lock")
	release, err := Acquire(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v), want 0600", info.Mode(), err)
	}

	link := filepath.Join(dir, "link.lock")
	if err := os.Symlink(filepath.Join(dir, "elsewhere"), link); err != nil {
		t.Fatal(err)
	}
	if _, err := Acquire(t.Context(), link); err == nil {
		t.Error("a symbolic link was followed")
	}
	if _, err := Acquire(t.Context(), filepath.Join(dir, "missing", "x.lock")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Acquire in a missing directory = %v, want ErrNotExist", err)
	}
}
