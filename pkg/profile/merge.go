package profile

import "strings"

// setting is what was said about a key, and where.
type setting struct {
	texts  []string
	origin origin
}

// settings holds what was said by Key.Path. A key that is missing was left open.
type settings map[string]setting

// rivals are keys of which a higher layer's takes the lower layer's with it, for together they
// contradict each other.
var rivals = map[string]string{
	"login.client_secret":      "login.client_secret_file",
	"login.client_secret_file": "login.client_secret",
	"role.policy":              "role.policy_file",
	"role.policy_file":         "role.policy",
}

// over lays the settings of a higher layer over these.
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

// settings gives the entries of a section their places.
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

// fromEnv reads the DAYPASS_… variables. An empty variable is not there.
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
			return nil, &Error{Key: path, Message: "there is no flag for this key"}
		}
	}
	return out, nil
}

// text returns a key's only or last text, or "".
func (s settings) text(path string) string {
	if texts := s[path].texts; len(texts) > 0 {
		return texts[len(texts)-1]
	}
	return ""
}

// list returns a key's texts without the empty ones.
func (s settings) list(path string) []string {
	var list []string
	for _, text := range s[path].texts {
		if text != "" {
			list = append(list, text)
		}
	}
	return list
}

// whole reports whether the settings say by themselves who signs in and what they become.
func (s settings) whole() bool {
	issuer := s.text("login.issuer") != "" || s.text("login.preset") != ""
	who := issuer && s.text("login.client_id") != "" || len(s.list("logins")) > 0
	return who && (s.text("role.arn") != "" || s.text("identity_pool.id") != "")
}

// said reports whether any key that begins so has a value.
func (s settings) said(begin string) bool {
	for path := range s {
		if strings.HasPrefix(path, begin) && len(s.list(path)) > 0 {
			return true
		}
	}
	return false
}
