package command

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/sandbox"
)

// flags are those of all commands except daypass.
type flags struct {
	users                    []string
	trustPolicy, permissions string
	role                     string
	tokenLife, sessionLife   time.Duration
	faults                   []string
	tls, log                 bool
	port                     int
}

func (f *flags) register(root *cobra.Command) {
	p := root.PersistentFlags()
	p.SortFlags, root.Flags().SortFlags = false, false
	p.StringArrayVar(&f.users, "user", nil, "add a user by `name` or email address; the first one signs in instead of alice (repeatable)")
	p.StringVar(&f.trustPolicy, "trust-policy", "", "use the role's trust policy in this `file`")
	p.StringVar(&f.permissions, "permissions", "", "use the role's permissions in this `file`")
	p.StringVar(&f.role, "role", "", "the role's `ARN` (default "+sandbox.RoleARN+")")
	p.DurationVar(&f.tokenLife, "token-life", 0, "lifetime of ID tokens (default 1h)")
	p.DurationVar(&f.sessionLife, "session-life", 0, "lifetime of credentials, whatever was requested (default 1h)")
	p.StringArrayVar(&f.faults, "fault", nil, "simulate the fault `PART:WHAT[=VALUE]`; see «help faults» (repeatable)")
	p.IntVar(&f.port, "port", 0, "`port` of the identity provider; the other servers use the next four (default: free ports)")
	p.BoolVar(&f.tls, "tls", false, "use https, with a certificate authority created at startup")
	p.BoolVar(&f.log, "log", false, "log each request to stderr; on by default without a command")
}

// fill sets the options that were given as flags.
func (f *flags) fill(o *sandbox.Options) error {
	o.Users, o.RoleARN, o.TLS, o.Faults, o.Port = f.users, f.role, f.tls, f.faults, f.port
	if f.tokenLife != 0 {
		o.TokenLife = f.tokenLife
	}
	if f.sessionLife != 0 {
		o.SessionLife = f.sessionLife
	}
	var err error
	if o.TrustPolicy, err = readPolicy("trust-policy", f.trustPolicy); err != nil {
		return err
	}
	o.Permissions, err = readPolicy("permissions", f.permissions)
	return err
}

func readPolicy(flag, path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &sandbox.OptionError{Option: flag, Err: err}
	}
	return text, nil
}

// person returns the user who signs in automatically.
func (f *flags) person() string {
	if len(f.users) > 0 {
		return f.users[0]
	}
	return "alice"
}

// log returns a function that prints one line at a time.
func (t *Tool) log() func(line string) {
	var mu sync.Mutex
	return func(line string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(t.err, line)
	}
}
