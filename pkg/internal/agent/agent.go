// Package agent answers: where do bytes live that must outlast a process and may touch no disk?
//
// In the memory of a background process of the same user, reached over a socket in a directory that is
// that user's alone. The agent forgets each value when it expires and ends when it holds none; it never
// talks to the network. Only Client.Put starts it, and replaces it when it does not answer. Processes of the
// same user are inside the boundary: the agent answers them.
package agent

import (
	"errors"
	"path/filepath"
	"time"
)

// What one agent takes: far more than any login needs, little enough that a mad client does no harm.
const (
	maxKey     = 512
	maxValue   = 64 << 10
	maxEntries = 1024
)

// callLimit is what a dead, hung or garbage-speaking agent may cost a caller; startLimit is how long a
// new one may take until it answers, of which hungLimit goes to one that is there: if that is silent for
// so long, it is hung even on a busy machine, and loses what it holds.
const (
	callLimit  = 250 * time.Millisecond
	startLimit = 2 * time.Second
	hungLimit  = startLimit / 2
)

var (
	// ErrNotRunning says that there is no agent and that this client may not start one.
	ErrNotRunning = errors.New("no agent is running")
	// ErrNoAnswer says that whatever listens on the socket did not answer in time.
	ErrNoAnswer = errors.New("no answer in time")
	// ErrRefused says that the agent would not take a value: too many are kept.
	ErrRefused = errors.New("too many values are kept already")
	// ErrRunning says that an agent is running already.
	ErrRunning = errors.New("an agent is running already")
	// ErrNewer says that the agent speaks a later version of the protocol. It is left alone.
	ErrNewer = errors.New("the agent belongs to a newer daypass")
	// ErrUnsafeDir says that a directory is not private enough for the socket and the locks.
	ErrUnsafeDir = errors.New("not a private directory")
)

// socketPath is what clients connect to.
func socketPath(dir string) string { return filepath.Join(dir, "agent.sock") }
