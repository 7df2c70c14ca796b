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
		switch {
		case key.Kind == profile.KindBool:
			flag.NoOptDefVal = "true"
		case key.Path == "sign_in":
			complete(root, key.Flag, "auto", "always", "never")
		case key.Global && key.Kind != profile.KindPath: // each costs a start's time, and hidden ones are not offered
			complete(root, key.Flag)
		}
	}
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
		return &givenTwice{f.values[0], value}
	}
	f.values = append(f.values, value)
	return nil
}

// kindName says in --help what a flag takes.
func kindName(kind profile.Kind) string {
	switch kind {
	case profile.KindBool:
		return "bool"
	case profile.KindDuration:
		return "duration"
	case profile.KindPath:
		return "file"
	}
	return "text"
}

// newProfileFlagsTopic writes its text only when it is asked for: every start makes the command.
func newProfileFlagsTopic() *cobra.Command {
	cmd := &cobra.Command{Use: "profile-flags", Short: "The keys of a profile, as flags and as variables"}
	cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		out := cmd.OutOrStdout()
		fmt.Fprint(out, profileFlagsText(widthFor(out)))
	})
	return cmd
}

// firstProfile is a whole file, for who has none yet.
const firstProfile = `  [profile.photos]
  region = "us-east-1"
  login  = { issuer = "https://idp.example.com", client_id = "daypass" }
  role   = { arn = "arn:aws:iam::111122223333:role/PhotoUploader" }
  upload = { bucket = "your-photo-bucket", prefix = "uploads/{sub}/" }
`

// aboutKeys is what holds for all keys.
const aboutKeys = "Every key of a profile is also a flag and a variable, so that a profile can live wholly in a " +
	"credential_process line. A flag wins over its variable, and that over the file. A list repeats " +
	"its flag; in a variable its values are separated by spaces."

func profileFlagsText(width int) string {
	var b strings.Builder
	paragraph(&b, "A profile is a table in config.toml, in ~/.config/daypass (macOS: ~/Library/Application Support/daypass, "+
		"Windows: %AppData%\\daypass).", width)
	fmt.Fprintf(&b, "\n%s\n", firstProfile)
	paragraph(&b, aboutKeys, width)
	for _, key := range profile.Keys() {
		fmt.Fprintf(&b, "\n  %s\n", key.Path)
		for _, text := range []string{strings.Join(keyNames(key), ", "), key.Usage} {
			for _, line := range wrap(text, width-6) {
				fmt.Fprintf(&b, "      %s\n", line)
			}
		}
	}
	return b.String()
}

// keyNames are a key's flag and variable, where it has them.
func keyNames(key profile.Key) []string {
	var names []string
	if key.Flag != "" {
		names = append(names, "--"+key.Flag)
	}
	if key.Env != "" {
		names = append(names, key.Env)
	}
	return names
}
