package agent_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/daypass/daypass/pkg/internal/agent"
)

// A library uses a running agent and never starts one.
func Example() {
	parent, err := os.MkdirTemp("", "agent")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(parent)
	dir, err := agent.Dir(filepath.Join(parent, "run"))
	if err != nil {
		fmt.Println(err)
		return
	}
	client := &agent.Client{Dir: dir}
	err = client.Put(context.Background(), "key", []byte("value"), time.Now().Add(time.Hour))
	fmt.Println(errors.Is(err, agent.ErrNotRunning))
	// Output: true
}
