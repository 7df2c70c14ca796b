package lock

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// contendArgument makes the test binary take the lock a number of times.
const contendArgument = "contend-for-this-lock"

const (
	contenders = 6
	turns      = 150 // of each contender
)

// contend takes the lock turns times, alternating between Try and Acquire. The holder adds one to a number in a file,
// which is too low at the end if two processes ever held the lock at once.
func contend(path string) int {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for turn := range turns {
		release, err := takeTurn(ctx, path, turn)
		if err == nil {
			err = addOne(path + ".count")
			release()
		}
		if err != nil {
			fmt.Println(err)
			return 1
		}
	}
	return 0
}

// takeTurn does not pause between two calls of Try, so that the lock is often tried while it is released.
func takeTurn(ctx context.Context, path string, turn int) (release func(), err error) {
	if turn%4 == 0 {
		return Acquire(ctx, path)
	}
	for ctx.Err() == nil {
		if release, ok := Try(path); ok {
			return release, nil
		}
	}
	return nil, ctx.Err()
}

func addOne(path string) error {
	count := readCount(path)
	inside, err := os.OpenFile(path+".inside", os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("two processes hold the lock: %w", err)
	}
	inside.Close()
	err = os.WriteFile(path, []byte(strconv.Itoa(count+1)), 0o600)
	return errors.Join(err, os.Remove(path+".inside"))
}

func readCount(path string) int {
	text, _ := os.ReadFile(path) // no file yet: 0
	count, _ := strconv.Atoi(string(text))
	return count
}

// Many processes take one lock and remove its file, while others wait for it: no two hold it at once, no turn is lost,
// and no file is left.
func TestProcessesTakeTurns(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "login.lock")
	watching, stop := context.WithCancel(t.Context())
	var watchers, all sync.WaitGroup
	for range 2 {
		watchers.Go(func() {
			for watching.Err() == nil {
				if _, err := Await(watching, path); err != nil && watching.Err() == nil {
					t.Errorf("Await: %v", err)
				}
			}
		})
	}
	for range contenders {
		all.Go(func() {
			var said bytes.Buffer
			cmd := exec.CommandContext(t.Context(), os.Args[0], contendArgument, path)
			cmd.Stdout = &said
			if err := cmd.Run(); err != nil {
				t.Errorf("a contender: %v: %s", err, said.String())
			}
		})
	}
	all.Wait()
	stop()
	watchers.Wait()
	if got := readCount(path + ".count"); got != contenders*turns {
		t.Errorf("%d turns were counted, want %d", got, contenders*turns)
	}
	wantNoFile(t, path)
}

// A file that was locked after its holder had removed it does not count: neither Try nor Acquire return with it, and
// Await continues with the file that is at the path now.
func TestRemovedFile(t *testing.T) {
	t.Parallel()
	if !removes {
		t.Skip("the file is never removed here")
	}
	path := filepath.Join(t.TempDir(), "login.lock")
	release, err := Acquire(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	h := startHolder(t, path)
	release() // releases the removed file and leaves the holder's file
	if _, ok := Try(path); ok {
		t.Error("Try took a lock that another process holds")
	}
	if was, err := Await(within(t, time.Millisecond), path); !was || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Await of a held lock = %t, %v; want true and a deadline error", was, err)
	}
	h.stdin.Close()
	if _, err := Await(within(t, 10*time.Second), path); err != nil {
		t.Errorf("Await: %v", err)
	}
	wantNoFile(t, path)
}
