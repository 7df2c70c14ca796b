package daypass

import (
	"time"

	"github.com/daypass/daypass/pkg/profile"
)

// Options say how this process reaches the person and the system. Every field but Now may be zero.
type Options struct {
	// OpenBrowser shows a URL to the person; nil: the sign-in waits for a browser that is opened by hand.
	OpenBrowser func(url string) error
	// Notify receives events. Several goroutines may call it at once. It may be nil.
	Notify func(Event)
	// Background starts sign-ins in background processes; nil: none is started.
	Background *Background
	// InBackground says that this process is such a background process. If its sign-in fails, no other starts by
	// itself. A sign-in that the person asked for takes over from any other instead.
	InBackground bool
	// Again makes the identity provider ask who signs in, even if somebody is signed in there.
	Again bool
	Now   func() time.Time
	// Version of the program, for the User-Agent.
	Version string
	// RuntimeDir overrides the directory of the agent's socket and the locks.
	RuntimeDir string
	// StateDir is the directory of files that outlive a run (profile.StateDir); "" stores none.
	StateDir string
	// AgentCommand starts an agent; nil: none is started, but one that runs is used.
	AgentCommand []string
	// SessionBus is the address of the D-Bus session bus, through which the keyring is reached on Linux.
	SessionBus string
}

// Background says how a sign-in runs in a background process, which outlives this one.
type Background struct {
	// Command returns the command line of the process, which reports to its standard output.
	Command func() ([]string, error)
	// Allowed returns why the person may not be prompted; nil if they may.
	Allowed func() error
	// Event receives each step that the process reports, unchanged.
	Event func(report []byte)
	// Failure turns the failure that the process reported into an error.
	Failure func(report []byte) error
}

// Environment returns the Options that environment variables set: the directories, and the session bus of the keyring.
// Getenv is os.Getenv.
func Environment(getenv func(name string) string) Options {
	return Options{
		RuntimeDir: getenv("DAYPASS_RUNTIME_DIR"), StateDir: profile.StateDir(getenv),
		SessionBus: getenv("DBUS_SESSION_BUS_ADDRESS"),
	}
}

// notify sends an event.
func (o Options) notify(e Event) {
	if o.Notify != nil {
		o.Notify(e)
	}
}

func (o Options) warn(err error) { o.notify(Warning{err}) }

// step returns a function that reports a step; nil if Notify is nil.
func (o Options) step() func(string) {
	if o.Notify == nil {
		return nil
	}
	return func(text string) { o.Notify(Step{text}) }
}
