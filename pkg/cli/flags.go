package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/profile"
)

// profileFlags are the keys of a profile as flags. They are hidden because there are about forty of them; «daypass help
// profile-flags» lists them.
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
		case key.Global && key.Kind != profile.KindPath: // each costs startup time, and hidden flags are not offered
			complete(root, key.Flag)
		}
	}
}

// given returns the keys that are given on the command line.
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

// textFlag stores the text of a flag; package profile parses it, as it parses the values of the file.
type textFlag struct {
	kind   profile.Kind
	values []string
}

func (f *textFlag) String() string { return strings.Join(f.values, " ") }

// Type implements pflag.Value; --help shows it.
func (f *textFlag) Type() string { return kindName(f.kind) }

func (f *textFlag) Set(value string) error {
	if f.kind != profile.KindList && len(f.values) > 0 {
		return &givenTwice{f.values[0], value}
	}
	f.values = append(f.values, value)
	return nil
}

// kindName returns the type of a flag's value for --help.
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

// newProfileFlagsTopic builds the text only when it is shown, because every start of daypass creates the command.
func newProfileFlagsTopic() *cobra.Command {
	cmd := &cobra.Command{Use: "profile-flags", Short: "The keys of a profile, as flags and as variables"}
	cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		out := cmd.OutOrStdout()
		fmt.Fprint(out, profileFlagsText(newStyle(out), widthFor(out)))
	})
	return cmd
}

// firstProfile is a complete configuration file, to start from.
const firstProfile = `  [profile.photos]
  region = "us-east-1"
  login  = { issuer = "https://idp.example.com", client_id = "daypass" }
  role   = { arn = "arn:aws:iam::111122223333:role/PhotoUploader" }
  upload = { bucket = "your-photo-bucket", prefix = "uploads/{sub}/" }
`

// aboutKeys applies to all keys.
const aboutKeys = "Every key of a profile is also a flag and an environment variable, so a credential_process line can " +
	"hold a whole profile. A flag overrides its variable, and the variable overrides the file. For a list, " +
	"repeat the flag; in a variable, separate the values with spaces."

func profileFlagsText(look style, width int) string {
	var b strings.Builder
	paragraph(&b, "A profile is a table in config.toml, in ~/.config/daypass (macOS: ~/Library/Application Support/daypass, "+
		"Windows: %AppData%\\daypass).", width)
	fmt.Fprintf(&b, "\n%s\n", firstProfile)
	paragraph(&b, aboutKeys, width)
	for _, key := range profile.Keys() {
		fmt.Fprintf(&b, "\n  %s\n", look.strong.Render(key.Path))
		for _, text := range []string{strings.Join(keyNames(key), ", "), key.Usage} {
			for _, line := range wrap(text, width-6) {
				fmt.Fprintf(&b, "      %s\n", line)
			}
		}
	}
	return b.String()
}

// keyNames returns a key's flag and variable, if it has them.
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
