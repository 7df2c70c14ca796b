// Package agent stores short-lived secrets in the memory of a background process, so that they outlive the
// process that got them and never reach a disk.
//
// Clients of the same user reach the agent over a socket in a directory that only that user can access. The agent
// deletes each value when it expires, and exits when it holds none. It never uses the network. Only Client.Put
// starts an agent, and replaces one that does not answer. Processes of the same user are trusted: the agent
// answers all of them.
package agent

import (
	"errors"
	"path/filepath"
	"time"
)

// Limits of one agent: far more than any login needs, and few enough that a misbehaving client does no harm.
const (
	maxKey     = 512
	maxValue   = 64 << 10
	maxEntries = 1024
)

const (
	// callLimit bounds a call, whatever listens on the socket.
	callLimit = 250 * time.Millisecond
	// startLimit is how long a new agent may take until it answers.
	startLimit = 2 * time.Second
	// hungLimit is how long a start waits for an agent that is already there. One that is silent for longer is
	// hung, even on a busy machine: it is replaced, and its values are lost.
	hungLimit = startLimit / 2
)

var (
	// ErrNotRunning says that there is no agent, and that this client may not start one.
	ErrNotRunning = errors.New("no agent is running")
	// ErrNoAnswer says that the process that listens on the socket did not answer in time.
	ErrNoAnswer = errors.New("no answer in time")
	// ErrRefused says that the agent did not store a value, because it is full.
	ErrRefused = errors.New("the agent is full")
	// ErrRunning says that an agent is running already.
	ErrRunning = errors.New("an agent is running already")
	// ErrNewer says that the agent uses a later version of the protocol. It is not replaced.
	ErrNewer = errors.New("the agent belongs to a newer daypass")
	// ErrUnsafeDir says that a directory is not private enough for the socket and the locks.
	ErrUnsafeDir = errors.New("not a private directory")
)

// socketPath returns the path of the socket that clients connect to.
func socketPath(dir string) string { return filepath.Join(dir, "agent.sock") }
