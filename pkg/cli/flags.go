package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/profile"
)

// profileFlags are the keys of a profile as flags. They are hidden, for each command would list forty
// of them; «daypass help profile-flags» shows them all.
type profileFlags struct{ root *cobra.Command }

func (f *profileFlags) register(root *cobra.Command) {
	f.root = root
	flags := root.PersistentFlags()
	for _, key := range profile.Keys() {
		if key.Flag == "" || flags.Lookup(key.Flag) != nil {
			continue
		}
		flags.Var(&textFlag{kind: key.Kind}, key.Flag, key.Usage)
		flag := flags.Lookup(key.Flag)
		flag.Hidden = !key.Global
		if key.Kind == profile.KindBool {
			flag.NoOptDefVal = "true"
		}
	}
	complete(root, "sign-in", "auto", "always", "never")
}

// given returns the keys that stand on the command line.
func (f *profileFlags) given() map[string][]string {
	values := map[string][]string{}
	for _, key := range profile.Keys() {
		flag := f.root.PersistentFlags().Lookup(key.Flag)
		if flag == nil || !flag.Changed {
			continue
		}
		if text, ok := flag.Value.(*textFlag); ok {
			values[key.Path] = text.values
		}
	}
	return values
}

// textFlag keeps what was typed; package profile reads it, as it reads the file's values.
type textFlag struct {
	kind   profile.Kind
	values []string
}

func (f *textFlag) String() string { return strings.Join(f.values, " ") }

// Type names the value in --help.
func (f *textFlag) Type() string { return kindName(f.kind) }

func (f *textFlag) Set(value string) error {
	if f.kind != profile.KindList && len(f.values) > 0 {
		return fmt.Errorf("given twice: %q and %q", f.values[0], value)
	}
	f.values = append(f.values, value)
	return nil
}

// kindName says in --help what a flag takes.
func kindName(kind profile.Kind) string {
	switch kind {
	case profile.KindList:
		return "text, repeatable"
	case profile.KindBool:
		return ""
	case profile.KindDuration:
		return "duration"
	case profile.KindPath:
		return "file"
	}
	return "text"
}

// newProfileFlagsTopic writes its text only when it is asked for: every start makes the command.
func newProfileFlagsTopic() *cobra.Command {
	cmd := &cobra.Command{Use: "profile-flags", Short: "The keys of a profile as flags and variables"}
	cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) { fmt.Fprint(cmd.OutOrStdout(), profileFlagsText()) })
	return cmd
}

func profileFlagsText() string {
	var b strings.Builder
	b.WriteString("Every key of a profile is also a flag and a variable, so that a profile can live wholly in a\n" +
		"credential_process line. A flag wins over its variable, and that over the file. A list repeats\n" +
		"its flag; in a variable its values are separated by spaces.\n\n")
	for _, key := range profile.Keys() {
		fmt.Fprintf(&b, "  %s\n", key.Path)
		var names []string
		if key.Flag != "" {
			names = append(names, "--"+key.Flag)
		}
		if key.Env != "" {
			names = append(names, key.Env)
		}
		if len(names) > 0 {
			fmt.Fprintf(&b, "      %s\n", strings.Join(names, ", "))
		}
		fmt.Fprintf(&b, "      %s\n", key.Usage)
	}
	return b.String()
}
