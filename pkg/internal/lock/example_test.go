package lock_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/daypass/daypass/pkg/internal/lock"
)

func Example() {
	dir, err := os.MkdirTemp("", "lock")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	release, err := lock.Acquire(context.Background(), filepath.Join(dir, "login.lock"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer release()
	fmt.Println("this process holds the lock")
	// Output: this process holds the lock
}
