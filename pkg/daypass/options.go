package daypass

import (
	"time"

	"github.com/daypass/daypass/pkg/profile"
)

// Options are what a profile does not say: how this process reaches a person and the system. Only Now has no useful
// zero value in Open.
type Options struct {
	// OpenBrowser shows a URL to the person; nil: the sign-in waits for a browser that is opened by hand.
	OpenBrowser func(url string) error
	// Notify is told what happens, by several goroutines at once; nil: nobody is told.
	Notify func(Event)
	// Background starts sign-ins that nobody asked for; nil: none is started.
	Background *Background
	// InBackground says that this process is such a sign-in. If it fails, no other starts by itself. A sign-in
	// that the person asked for takes over from any other instead.
	InBackground bool
	// Again has the identity provider ask who signs in, whoever is signed in there.
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

// Background says how a sign-in that nobody asked for runs: in a process of its own that outlives this one.
type Background struct {
	// Command returns the command line of the process, which reports to its standard output.
	Command func() ([]string, error)
	// Allowed returns why the person may not be prompted; nil if they may.
	Allowed func() error
	// Event is told each step that the process reports, as it wrote it.
	Event func(report []byte)
	// Failure turns what the process reported of its failure into an error.
	Failure func(report []byte) error
}

// Environment returns the Options that a process's variables give: the directories, and the session bus of
// the keyring. Getenv is os.Getenv.
func Environment(getenv func(name string) string) Options {
	return Options{
		RuntimeDir: getenv("DAYPASS_RUNTIME_DIR"), StateDir: profile.StateDir(getenv),
		SessionBus: getenv("DBUS_SESSION_BUS_ADDRESS"),
	}
}

// notify tells of an event.
func (o Options) notify(e Event) {
	if o.Notify != nil {
		o.Notify(e)
	}
}

func (o Options) warn(err error) { o.notify(Warning{err}) }

// step returns how steps are told; nil if nobody is told.
func (o Options) step() func(string) {
	if o.Notify == nil {
		return nil
	}
	return func(text string) { o.Notify(Step{text}) }
}
