//go:build unix

package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/profile"
)

// elsewhere has a shell script be the sign-in's process, and returns how one begins and where the script
// notes its process ID.
func elsewhere(t *testing.T, script string) (begin func(context.Context) (broker.Wait, error), noted string) {
	t.Helper()
	app, dir := testApp(), t.TempDir()
	noted = filepath.Join(dir, "pid")
	runtimeDir := filepath.Join(dir, "run")
	app.Getenv = func(name string) string { return map[string]string{"DAYPASS_RUNTIME_DIR": runtimeDir}[name] }
	app.Executable = func() (string, error) { return "/bin/sh", nil }
	app.Within = []string{"-c", fmt.Sprintf("cd %q; echo $$ > new; mv new pid; %s", dir, script)}
	newRootCommand(app)
	return app.signInElsewhere(profile.Profile{SignIn: profile.SignInAlways}), noted
}

// wantGone waits until the process is no more, not even as a zombie.
func wantGone(t *testing.T, pid int) {
	t.Helper()
	for range 1000 {
		if syscall.Kill(pid, 0) != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
	t.Errorf("process %d is there after ten seconds", pid)
}

// readPID waits for the script's note.
func readPID(t *testing.T, path string) (pid int) {
	t.Helper()
	for range 1000 {
		if text, err := os.ReadFile(path); err == nil {
			if _, err := fmt.Sscan(string(text), &pid); err != nil {
				t.Fatal(err)
			}
			return pid
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("no process began within ten seconds")
	return 0
}

// Who presses Ctrl-C while the sign-in's process starts sees no tab open afterwards.
func TestInterruptedBeforeItBegan(t *testing.T) {
	t.Parallel()
	begin, noted := elsewhere(t, "exec sleep 600")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		defer cancel(interruption{os.Interrupt})
		readPID(t, noted)
	}()
	if _, err := begin(ctx); !errors.Is(err, interruption{os.Interrupt}) {
		t.Errorf("begin = %v, want that it was interrupted", err)
	}
	wantGone(t, readPID(t, noted))
}

// A process that reports to nobody any more ends as it would, and leaves no zombie below a caller that lives on.
func TestReportsToNobody(t *testing.T) {
	t.Parallel()
	begin, noted := elsewhere(t, `say() { echo '{"step":"x"}'; }; say; until [ -e go ]; do sleep 0.01; done; say; say`)
	wait, err := begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := wait(impatient); !errors.Is(err, broker.ErrSignInNeeded) {
		t.Errorf("wait = %v, want ErrSignInNeeded", err)
	}
	writeFile(t, filepath.Join(filepath.Dir(noted), "go"), "")
	wantGone(t, readPID(t, noted))
}

// What cannot be read is not handed out as a credential.
func TestForeignReport(t *testing.T) {
	t.Parallel()
	for report, want := range map[string]string{
		`{"credential":"/w=="}`: "another version", `{"credential":""}`: "another version",
		`nonsense`: "ended at once", `{"step":7}`: "ended at once",
		`{"later":"news"}`: broker.ErrLookAgain.Error(),
	} {
		begin, _ := elsewhere(t, "echo '"+report+"'")
		wait, err := begin(t.Context())
		if err == nil {
			_, err = wait(t.Context())
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("after %s: %v, want %q", report, err, want)
		}
	}
}
