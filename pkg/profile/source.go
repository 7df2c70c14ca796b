package profile

import (
	"errors"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
)

// Source is where a profile is read from.
type Source struct {
	// Getenv looks up a variable; nil knows none.
	Getenv func(string) string
	// File is --config. Empty: DAYPASS_CONFIG_FILE, else config.toml in ConfigDir.
	File string
	// ConfigDir is daypass's configuration directory. Empty: derived from the variables.
	ConfigDir string
	// Name is --profile. Empty: DAYPASS_PROFILE, else the file's choice.
	Name string
	// Flags has the values given on the command line by Key.Path. A key without an entry was not given;
	// an empty value takes back what the file or a variable says.
	Flags map[string][]string
}

func (s Source) env(name string) string {
	if s.Getenv == nil {
		return ""
	}
	return s.Getenv(name)
}

// flag returns the last value of a flag, or "".
func (s Source) flag(path string) string {
	if values := s.Flags[path]; len(values) > 0 {
		return values[len(values)-1]
	}
	return ""
}

// home returns the user's home directory, or "" when the variables do not tell.
func (s Source) home() string {
	if runtime.GOOS == "windows" {
		return s.env("USERPROFILE")
	}
	return s.env("HOME")
}

// configFile returns the file to read and by what it was named; both are empty when there is none to
// look for. A default file has no origin.
func (s Source) configFile() (string, origin) {
	if s.File != "" {
		return s.File, origin{name: "--config"}
	}
	if file := s.flag("config"); file != "" {
		return file, origin{name: "--config"}
	}
	if file := s.env("DAYPASS_CONFIG_FILE"); file != "" {
		return file, origin{name: "DAYPASS_CONFIG_FILE"}
	}
	if dir := s.configDir(); dir != "" {
		return filepath.Join(dir, "config.toml"), origin{}
	}
	return "", origin{}
}

// configDir follows os.UserConfigDir, but through Getenv.
func (s Source) configDir() string {
	if s.ConfigDir != "" {
		return s.ConfigDir
	}
	parent, home := "", s.home()
	switch runtime.GOOS {
	case "windows":
		parent = s.env("AppData")
	case "darwin", "ios":
		parent = under(home, "Library/Application Support")
	default:
		parent = s.env("XDG_CONFIG_HOME")
		if !filepath.IsAbs(parent) { // the XDG Base Directory Specification has relative ones ignored
			parent = under(home, ".config")
		}
	}
	return under(parent, "daypass")
}

// StateDir returns the directory for what daypass keeps in files of its own between two runs: the index of
// logins, sealed records. DAYPASS_STATE_DIR, else the platform's place for such things; "" when the
// variables tell of neither, and nothing is kept in files then. It is not made, nor checked.
func StateDir(getenv func(string) string) string {
	s := Source{Getenv: getenv}
	if dir := s.env("DAYPASS_STATE_DIR"); dir != "" {
		absolute, err := filepath.Abs(dir)
		if err != nil {
			return ""
		}
		return absolute
	}
	return under(s.stateHome(), "daypass")
}

// stateHome is the directory that all programs keep such files below. One that depends on where the program
// was started counts as none.
func (s Source) stateHome() string {
	parent := ""
	switch runtime.GOOS {
	case "windows":
		parent = s.env("LocalAppData")
	case "darwin", "ios":
		parent = under(s.home(), "Library/Application Support")
	default:
		parent = s.env("XDG_STATE_HOME")
		if !filepath.IsAbs(parent) { // as for the configuration
			parent = under(s.home(), ".local/state")
		}
	}
	if !filepath.IsAbs(parent) {
		return ""
	}
	return parent
}

func under(dir, name string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, filepath.FromSlash(name))
}

// read loads the configuration file, if there is one. Only a file that somebody named has to exist.
func (s Source) read(known schema) (*config, error) {
	file, named := s.configFile()
	none := &config{doc: &document{}}
	if file == "" {
		return none, nil
	}
	content, exposed, err := ReadTrusted(file, maxFileBytes)
	if errors.Is(err, fs.ErrNotExist) && named == (origin{}) {
		return none, nil
	}
	if err != nil && named != (origin{}) {
		fault := named.fault("", "%s", err)
		if errors.Is(err, fs.ErrNotExist) {
			fault.Hint = writeOne
		}
		return nil, fault
	}
	if err != nil {
		return nil, &Error{Message: err.Error()}
	}
	doc, err := parseFile(file, content)
	if err != nil {
		return nil, err
	}
	c, err := known.sortFile(doc)
	if err != nil {
		return nil, err
	}
	if exposed != nil && c.hasSecret(known) {
		return nil, exposed.refused(origin{}, "")
	}
	c.exposed = exposed
	return c, nil
}

// cause takes the path, which is already told, out of an error.
func cause(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}

// resolve expands "~/" and takes a relative path from the configuration file's directory if it stood
// there; a flag's or variable's is relative to the working directory.
func (s Source) resolve(path string, o origin) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && s.home() != "" {
		return filepath.Join(s.home(), filepath.FromSlash(rest))
	}
	if o.file != "" && path != "" && !filepath.IsAbs(path) {
		return filepath.Join(filepath.Dir(o.file), filepath.FromSlash(path))
	}
	return path
}
