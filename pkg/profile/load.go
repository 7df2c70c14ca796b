package profile

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Load reads and checks one profile. Variables override the file, and flags override variables. The error is an *Error, or
// several joined. Load reads files but opens no connection.
func Load(s Source) (Profile, error) {
	known := newSchema()
	c, err := s.read(known)
	if err != nil {
		return Profile{}, err
	}
	flags, err := s.fromFlags(known)
	if err != nil {
		return Profile{}, err
	}
	given := flags.over(s.fromEnv(known))
	name, named, err := c.choose(s, given)
	if err != nil {
		return Profile{}, err
	}
	merged, login, err := c.withLogin(name, given)
	if err != nil {
		return Profile{}, err
	}
	if name == "" && !merged.anySet("login") && !merged.anySet("role.") && !merged.anySet("identity_pool.") {
		return Profile{}, s.noneGiven(c)
	}
	b := &builder{source: s, known: known, settings: merged, origins: map[string]origin{}, at: named}
	b.warn(c.exposed)
	p := b.profile()
	if len(b.errs) > 0 {
		return Profile{}, join(b.errs)
	}
	p.Name, p.Login.Name, p.File, p.Profiles = name, login, c.doc.file, len(c.profiles)
	p.Warnings = b.warnings
	return p, nil
}

// Names returns the sorted names of the profiles in the configuration file, if there is one.
func Names(s Source) ([]string, error) {
	c, err := s.read(newSchema())
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(c.profiles)), nil
}

// writeOne is advice for a user without a configuration file.
const writeOne = "write one (daypass help profile-flags shows an example)"

// noneGiven returns the error for a missing profile: there is none in a file, and the command line is not enough.
func (s Source) noneGiven(c *config) error {
	file, _ := s.configFile()
	message := "there is no profile"
	if file != "" && c.doc.file == "" {
		message = fmt.Sprintf("there is no profile: %q does not exist", file)
	} else if file != "" {
		message = fmt.Sprintf("there is no profile in %q", file)
	}
	return &Error{Message: message, Hint: writeOne + ", or use --issuer or --preset, --client-id, --role-arn and --region"}
}

// choose returns the profile's name and the origin of its table: that of --profile, DAYPASS_PROFILE or default_profile, or
// the only one in the file. The name is empty if the profile consists of flags and variables only.
func (c *config) choose(s Source, given settings) (string, origin, error) {
	name, by := s.Name, origin{name: "--profile"}
	if name == "" {
		name = s.flag("profile")
	}
	if name == "" {
		name, by = s.env("DAYPASS_PROFILE"), origin{name: "DAYPASS_PROFILE"}
	}
	if name == "" && c.defaultProfile != nil && c.defaultProfile.texts[0] != "" {
		name, by = c.defaultProfile.texts[0], c.doc.at(c.defaultProfile.offset)
	}
	if name != "" {
		section := c.profiles[name]
		if section == nil {
			invalid := by.errorf("default_profile", "%s", c.noProfile(name))
			if c.doc.file == "" {
				invalid.Hint = writeOne
			}
			return "", origin{}, invalid
		}
		return name, c.doc.at(section.offset), nil
	}
	names := slices.Sorted(maps.Keys(c.profiles))
	switch {
	case len(names) == 1:
		return names[0], c.doc.at(c.profiles[names[0]].offset), nil
	case len(names) == 0 || given.whole():
		return "", origin{}, nil
	}
	return "", origin{}, &Error{File: c.doc.file, Message: "there are several profiles and no default: " + strings.Join(names, ", "),
		Hint: "choose one with --profile or DAYPASS_PROFILE, or write default_profile = \"…\" at the top of the file"}
}

func (c *config) noProfile(name string) string {
	names := slices.Sorted(maps.Keys(c.profiles))
	switch {
	case c.doc.file == "":
		return fmt.Sprintf("there is no profile %q: there is no configuration file", name)
	case len(names) == 0:
		return fmt.Sprintf("there is no profile %q: %q has none", name, c.doc.file)
	}
	return fmt.Sprintf("there is no profile %q%s (there are: %s)", name, didYouMean(name, names), strings.Join(names, ", "))
}

// withLogin merges the given settings, the profile and the shared login that it names. It returns that login's name.
func (c *config) withLogin(profile string, given settings) (settings, string, error) {
	own := c.settings(c.profiles[profile])
	logins := given.over(own)["logins"]
	names := settings{"logins": logins}.list("logins")
	switch {
	case len(names) == 0:
		return given.over(own), "", nil
	case len(names) > 1:
		invalid := logins.origin.errorf("logins", "%d logins: only one is supported by this version", len(names))
		invalid.Hint = "several logins need an identity pool that links them"
		return nil, "", invalid
	case c.logins[names[0]] == nil:
		return nil, "", c.noLogin(logins.origin, names[0], profile)
	}
	for _, path := range slices.Sorted(maps.Keys(own)) {
		if strings.HasPrefix(path, "login.") {
			return nil, "", own[path].origin.errorf(path, "the profile has both a shared login (logins) and its own")
		}
	}
	return given.over(own.over(c.settings(c.logins[names[0]]))), names[0], nil
}

func (c *config) noLogin(by origin, name, profile string) *Error {
	known := slices.Sorted(maps.Keys(c.logins))
	invalid := by.errorf("logins", "there is no shared login %q%s", name, didYouMean(name, known))
	switch _, ok := findPreset(name); {
	case ok && profile == "":
		invalid.Hint = "write " + header("login", name) + ", or --preset " + name
	case ok:
		invalid.Hint = fmt.Sprintf("write %s, or preset = %q in %s", header("login", name), name, header("profile", profile, "login"))
	case len(known) > 0:
		invalid.Hint = "there are: " + strings.Join(known, ", ")
	default:
		invalid.Hint = "write " + header("login", name)
	}
	return invalid
}
