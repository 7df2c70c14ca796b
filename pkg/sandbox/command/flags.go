package command

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/sandbox"
)

// flags are those of every command but daypass.
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
	p.StringArrayVar(&f.users, "user", nil, "have this person, by `name` or e-mail address, beside alice and bob; the first signs in (repeatable)")
	p.StringVar(&f.trustPolicy, "trust-policy", "", "try the role's trust policy in this `file`")
	p.StringVar(&f.permissions, "permissions", "", "try the role's permissions in this `file`")
	p.StringVar(&f.role, "role", "", "the role's `ARN` (default "+sandbox.RoleARN+")")
	p.DurationVar(&f.tokenLife, "token-life", 0, "how long ID tokens live (default 1h)")
	p.DurationVar(&f.sessionLife, "session-life", 0, "how long credentials live, whatever was asked for (default 1h)")
	p.StringArrayVar(&f.faults, "fault", nil, "break `PART:WHAT[=VALUE]`, as «help faults» lists them (repeatable)")
	p.IntVar(&f.port, "port", 0, "the identity provider's `port`; the other servers have the four after it (default: free ones)")
	p.BoolVar(&f.tls, "tls", false, "speak https, by an authority made at the start")
	p.BoolVar(&f.log, "log", false, "tell of each request on stderr; serving does unless --log=false")
}

// fill lays the flags over the options.
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

// person is who signs in where nobody clicks.
func (f *flags) person() string {
	if len(f.users) > 0 {
		return f.users[0]
	}
	return "alice"
}

// log prints a line at a time.
func (t *Tool) log() func(line string) {
	var mu sync.Mutex
	return func(line string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(t.err, line)
	}
}
