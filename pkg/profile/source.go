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
	// Getenv returns the value of a variable; nil means that none is set.
	Getenv func(string) string
	// File is --config. Empty: DAYPASS_CONFIG_FILE, else config.toml in ConfigDir.
	File string
	// ConfigDir is daypass's configuration directory. Empty: the default directory, according to the variables.
	ConfigDir string
	// Name is --profile. Empty: DAYPASS_PROFILE, else the file's default.
	Name string
	// Flags has the values of the flags by Key.Path. A flag that was not given has no entry; an empty value overrides that of
	// the file or a variable.
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

// home returns the user's home directory, or "" if its variable is not set.
func (s Source) home() string {
	if runtime.GOOS == "windows" {
		return s.env("USERPROFILE")
	}
	return s.env("HOME")
}

// configFile returns the file to read and what named it. The origin is zero for the default file, which need not exist. Both
// are empty if there is no default directory.
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
		if !filepath.IsAbs(parent) { // the XDG Base Directory Specification says to ignore relative paths
			parent = under(home, ".config")
		}
	}
	return under(parent, "daypass")
}

// StateDir returns the directory for the index of logins and sealed tokens: DAYPASS_STATE_DIR, else the platform's default.
// It returns "" if the variables for that are not set; then nothing is stored in files. The directory need not exist.
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

// stateHome returns the directory for the state of all programs, or "" if it is not absolute.
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

// read reads the configuration file. The default file need not exist.
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
		invalid := named.errorf("", "%s", err)
		if errors.Is(err, fs.ErrNotExist) {
			invalid.Hint = writeOne
		}
		return nil, invalid
	}
	if err != nil {
		return nil, &Error{Message: err.Error()}
	}
	doc, err := parseFile(file, content)
	if err != nil {
		return nil, err
	}
	c, err := known.readDocument(doc)
	if err != nil {
		return nil, err
	}
	if exposed != nil && c.hasSecret(known) {
		return nil, exposed.refused(origin{}, "")
	}
	c.exposed = exposed
	return c, nil
}

// resolve expands "~/". A relative path in the configuration file is relative to the file's directory, and that of a flag or
// variable to the working directory.
func (s Source) resolve(path string, o origin) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && s.home() != "" {
		return filepath.Join(s.home(), filepath.FromSlash(rest))
	}
	if o.file != "" && path != "" && !filepath.IsAbs(path) {
		return filepath.Join(filepath.Dir(o.file), filepath.FromSlash(path))
	}
	return path
}
