package profile

import "strings"

// setting is the value of a key and where it comes from.
type setting struct {
	texts  []string
	origin origin
}

// settings are the values by Key.Path. A key that is not set is missing.
type settings map[string]setting

// rivals are pairs of keys that exclude each other: one in a higher layer removes the other from a lower layer.
var rivals = map[string]string{
	"login.client_secret":      "login.client_secret_file",
	"login.client_secret_file": "login.client_secret",
	"role.policy":              "role.policy_file",
	"role.policy_file":         "role.policy",
}

// over returns lower with the settings of s, the higher layer, in place of its own.
func (s settings) over(lower settings) settings {
	merged := settings{}
	for path, v := range lower {
		if _, ok := s[rivals[path]]; !ok {
			merged[path] = v
		}
	}
	for path, v := range s {
		merged[path] = v
	}
	return merged
}

// settings returns the settings in a section, with their places.
func (c *config) settings(s *section) settings {
	out := settings{}
	if s == nil {
		return out
	}
	for path, e := range s.values {
		out[path] = setting{e.texts, c.doc.at(e.offset)}
	}
	return out
}

// fromEnv reads the DAYPASS_… variables. It ignores empty ones.
func (s Source) fromEnv(known schema) settings {
	out := settings{}
	for _, k := range known.all {
		value := s.env(k.Env)
		if value == "" || !k.inProfile() {
			continue
		}
		texts := []string{value}
		if k.Kind == KindList {
			texts = strings.Fields(value)
		}
		out[k.Path] = setting{texts, origin{name: k.Env}}
	}
	return out
}

// fromFlags reads the command line.
func (s Source) fromFlags(known schema) (settings, error) {
	out := settings{}
	hasFlag := map[string]bool{}
	for _, k := range known.all {
		hasFlag[k.Path] = k.Flag != ""
		values := s.Flags[k.Path]
		if len(values) == 0 || !k.inProfile() || k.Flag == "" {
			continue
		}
		if k.Kind != KindList {
			values = values[len(values)-1:]
		}
		out[k.Path] = setting{values, origin{name: "--" + k.Flag}}
	}
	for path := range s.Flags {
		if !hasFlag[path] {
			return nil, &Error{Key: path, Message: "this key has no flag"}
		}
	}
	return out, nil
}

// text returns a key's only or last value, or "".
func (s settings) text(path string) string {
	if texts := s[path].texts; len(texts) > 0 {
		return texts[len(texts)-1]
	}
	return ""
}

// list returns a key's values without the empty ones.
func (s settings) list(path string) []string {
	var list []string
	for _, text := range s[path].texts {
		if text != "" {
			list = append(list, text)
		}
	}
	return list
}

// whole reports whether the settings are enough without a profile: a login, and a role or an identity pool.
func (s settings) whole() bool {
	issuer := s.text("login.issuer") != "" || s.text("login.preset") != ""
	who := issuer && s.text("login.client_id") != "" || len(s.list("logins")) > 0
	return who && (s.text("role.arn") != "" || s.text("identity_pool.id") != "")
}

// anySet reports whether any key with the prefix has a value.
func (s settings) anySet(prefix string) bool {
	for path := range s {
		if strings.HasPrefix(path, prefix) && len(s.list(path)) > 0 {
			return true
		}
	}
	return false
}
