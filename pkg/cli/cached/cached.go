// Package cached is the command daypass-credentials: a faster «daypass credentials» for SDKs, which run it often. It
// prints a fresh cached credential itself and runs daypass for everything else, so that all other results, errors and
// exit codes are daypass's. To start quickly it imports neither cobra nor net/http.
package cached

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/agent"
	"github.com/daypass/daypass/pkg/internal/storekey"
	"github.com/daypass/daypass/pkg/profile"
)

// Main prints the cached credential or replaces this process by daypass. It returns the exit code.
func Main(args []string) int {
	if c := cachedCredential(args); c.Fresh(time.Now()) && c.WriteProcess(os.Stdout) == nil {
		return 0
	}
	program, err := daypass()
	if err == nil {
		err = become(program, append([]string{program, "credentials"}, args...))
	}
	fmt.Fprintln(os.Stderr, "daypass-credentials: running daypass:", err)
	return 1
}

// cachedCredential returns the cached credential, or none if daypass has to handle the call, for example to report an
// error.
func cachedCredential(args []string) (none credential.Credential) {
	flags, ok := profileFlags(args)
	if !ok || os.Getenv("DAYPASS_EXPORTED") != "" { // daypass finds out which variables are the person's own
		return none
	}
	p, err := profile.Load(profile.Source{Getenv: os.Getenv, Flags: flags})
	if err != nil || !p.Agent || profile.CheckHome(os.Getenv("HOME")) != nil {
		return none
	}
	memory := agent.Client{} // starts no agent, because it has no Command
	if memory.Dir, err = agent.Dir(os.Getenv("DAYPASS_RUNTIME_DIR")); err != nil {
		return none
	}
	if record, err := memory.Get(context.Background(), storekey.NamesOf(p).Credential); err == nil {
		return credential.FromRecord(record)
	}
	return none
}

// profileFlags parses flags that are keys of a profile. Ok is false if there are other flags or arguments, or if a flag is
// given twice or lacks its value.
func profileFlags(args []string) (values map[string][]string, ok bool) {
	keys, values := profile.Keys(), map[string][]string{}
	for len(args) > 0 {
		name, value, joined := strings.Cut(args[0], "=")
		if args = args[1:]; name == "-p" && !joined {
			name = "--profile"
		}
		i := slices.IndexFunc(keys, func(k profile.Key) bool { return k.Flag != "" && name == "--"+k.Flag })
		switch {
		case i < 0, len(values[keys[i].Path]) > 0 && keys[i].Kind != profile.KindList:
			return nil, false
		case joined:
		case keys[i].Kind == profile.KindBool:
			value = "true"
		case len(args) == 0:
			return nil, false
		default:
			value, args = args[0], args[1:]
		}
		values[keys[i].Path] = append(values[keys[i].Path], value)
	}
	return values, true
}

// daypass returns the path of the daypass beside this program, or else of the one in PATH.
func daypass() (string, error) {
	self, err := os.Executable()
	if err == nil {
		self, err = filepath.EvalSymlinks(self)
	}
	if beside, missing := exec.LookPath(filepath.Join(filepath.Dir(self), "daypass")); err == nil && missing == nil {
		return beside, nil
	}
	return exec.LookPath("daypass")
}
