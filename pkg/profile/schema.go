package profile

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// config is a file sorted by the schema: only known keys, each in its form.
type config struct {
	doc            *document
	defaultProfile *entry // nil when the file names none
	logins         map[string]*section
	profiles       map[string]*section
	exposed        *ExposedError // nil if nobody else can change the file
}

// section is one [login.NAME] or [profile.NAME].
type section struct {
	offset int
	values map[string]*entry // by Key.Path
}

// schema knows the keys and tables of a profile by their path.
type schema struct {
	all    []Key
	keys   map[string]Key // those of a profile
	tables map[string]bool
}

func newSchema() schema {
	s := schema{keys(), map[string]Key{}, map[string]bool{}}
	for _, k := range s.all {
		if !k.inProfile() {
			continue
		}
		s.keys[k.Path] = k
		if table, _, ok := strings.Cut(k.Path, "."); ok {
			s.tables[table] = true
		}
	}
	return s
}

// under lists the names that may stand in a table, "" being the profile itself.
func (s schema) under(table string) []string {
	var names []string
	for path := range s.keys {
		if rest, ok := strings.CutPrefix(path, table+"."); ok && table != "" {
			names = append(names, rest)
		} else if table == "" && !strings.Contains(path, ".") {
			names = append(names, path)
		}
	}
	if table == "" {
		names = slices.AppendSeq(names, maps.Keys(s.tables))
	}
	slices.Sort(names)
	return names
}

// sortFile sorts a file's entries by the schema and refuses what it does not know.
func (s schema) sortFile(doc *document) (*config, error) {
	c := &config{doc: doc, logins: map[string]*section{}, profiles: map[string]*section{}}
	var faults []*Error
	for i := range doc.entries {
		e := &doc.entries[i]
		if f := c.take(s, e); f != nil {
			f.File = doc.file
			o := doc.at(e.offset)
			f.Line, f.Column = o.line, o.column
			faults = append(faults, f)
		}
		if len(faults) == maxFaults {
			break
		}
	}
	return c, join(faults)
}

// take puts one entry into its place. Its errors lack the position.
func (c *config) take(s schema, e *entry) *Error {
	var sections map[string]*section
	within := ""
	switch e.path[0] {
	case "profile":
		sections = c.profiles
	case "login":
		sections, within = c.logins, "login"
	case "default_profile":
		return c.takeDefault(e)
	default:
		if len(e.path) > 1 {
			return nil // the table it stands in was refused
		}
		return unknownTop(e)
	}
	if len(e.path) == 1 {
		return c.takeTop(e)
	}
	name := e.path[1]
	if f := checkName(e.path[0], name); f != nil {
		return f
	}
	if len(e.path) == 2 && e.shape != shapeTable {
		fault := e.wrongType(strings.Join(e.path, "."), "a table")
		fault.Hint = "write " + header(e.path...)
		return fault
	}
	if sections[name] == nil {
		sections[name] = &section{offset: e.offset, values: map[string]*entry{}}
	}
	if len(e.path) == 2 {
		return nil
	}
	return sections[name].take(s, e, within)
}

// takeDefault takes the default profile's name.
func (c *config) takeDefault(e *entry) *Error {
	if len(e.path) > 1 || e.shape != shapeText {
		return e.wrongType("default_profile", "a profile's name")
	}
	c.defaultProfile = e
	return nil
}

// takeTop takes [profile] and [login] themselves, which hold tables and nothing else.
func (c *config) takeTop(e *entry) *Error {
	if e.shape == shapeTable {
		return nil
	}
	fault := e.wrongType(e.path[0], "a table such as ["+e.path[0]+".NAME]")
	if e.path[0] == "profile" {
		fault.Hint = "the default profile is named by default_profile = \"NAME\""
	}
	return fault
}

// take puts a key of a login or a profile into its section. Within is "login" for a shared login,
// whose keys are those of a profile's login.
func (s *section) take(known schema, e *entry, within string) *Error {
	rest := e.path[2:]
	if within != "" {
		rest = append([]string{within}, rest...)
	}
	table, full := strings.Join(rest[:len(rest)-1], "."), strings.Join(rest, ".")
	key, isKey := known.keys[full]
	switch {
	case len(rest) > 2 || table != "" && !known.tables[table]:
		return nil // the table it stands in was refused
	case known.tables[full]:
		if e.shape != shapeTable {
			return e.wrongType(full, "a table")
		}
		return nil
	case !isKey:
		return unknown(full, table, known.under(table))
	}
	if want, ok := e.fits(key); !ok {
		return e.wrongType(full, want)
	}
	s.values[full] = e
	return nil
}

// fits reports whether the entry has the key's form, and what that would be.
func (e *entry) fits(key Key) (want string, ok bool) {
	switch key.Kind {
	case KindBool:
		return "true or false", e.shape == shapeBool
	case KindList:
		if key.orText && e.shape == shapeText {
			return "", true
		}
		return `a list of texts, such as ["…"]`, e.shape == shapeList
	case KindDuration:
		return `a text such as "1h"`, e.shape == shapeText
	default:
		return "a text", e.shape == shapeText
	}
}

// wrongType never shows the value: it may be a secret.
func (e *entry) wrongType(key, want string) *Error {
	is := map[shape]string{shapeTable: "a table", shapeText: "a text", shapeBool: "a boolean",
		shapeList: "a list", shapeOther: e.kind}[e.shape]
	return &Error{Key: key, Message: fmt.Sprintf("is %s, not %s", is, want)}
}

// unknown refuses a key of a table, "" being the profile or the file's top.
func unknown(full, table string, known []string) *Error {
	name := strings.TrimPrefix(full, table+".")
	if notYet(full) {
		return &Error{Key: full, Message: "not supported by this version of daypass"}
	}
	return &Error{Message: fmt.Sprintf("unknown key %q%s", full, didYouMean(name, known)),
		Hint: "known here: " + strings.Join(known, ", ")}
}

// unknownTop refuses what no file has at its top: most likely a profile's name without the word before it.
func unknownTop(e *entry) *Error {
	fault := unknown(e.path[0], "", []string{"default_profile", "login", "profile"})
	if e.shape == shapeTable && !notYet(e.path[0]) && !strings.Contains(fault.Message, "did you mean") {
		fault.Message += "; did you mean " + header("profile", e.path[0]) + "?"
	}
	return fault
}

// header writes a table's first line; names that are no bare keys (TOML v1.0, "Keys") are quoted.
func header(path ...string) string {
	var parts []string
	for _, part := range path {
		if part == "" || !only(strings.ToLower(part), "_-") {
			part = strconv.Quote(part)
		}
		parts = append(parts, part)
	}
	return "[" + strings.Join(parts, ".") + "]"
}

// checkName keeps names usable on a command line and in messages.
func checkName(table, name string) *Error {
	if name == "" || len(name) > 128 || !sanitize.IsClean(name) {
		return &Error{Message: fmt.Sprintf("[%s.%q] is no usable name", table, name)}
	}
	return nil
}
