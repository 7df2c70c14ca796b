package identity

import (
	"fmt"
	"slices"
	"testing"
)

func lookup(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		v, ok := values[name]
		return v, ok
	}
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	values := lookup(map[string]string{"sub": "s", "email": "a@b", "claim:team": "photo"})
	for text, want := range map[string]string{
		"": "", "plain": "plain", "{sub}": "s", "uploads/{sub}/": "uploads/s/",
		"{email}-{claim:team}{sub}": "a@b-photos",
	} {
		template, err := ParseTemplate(text, IsSessionPlaceholder)
		if err != nil {
			t.Errorf("ParseTemplate(%q): %v", text, err)
			continue
		}
		if template.String() != text {
			t.Errorf("String() = %q, want %q", template.String(), text)
		}
		if got, err := template.Expand(values); err != nil || got != want {
			t.Errorf("%q expands to %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestTemplateRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{sub": `template "{sub" has a { without a }`, "sub}": `template "sub}" has a } without a {`,
		"{}": `template "{}" has an unknown placeholder {}`, "{name}": `template "{name}" has an unknown placeholder {name}`,
		"{claim:}": `template "{claim:}" has an unknown placeholder {claim:}`,
		"{{sub}}":  `template "{{sub}}" has an unknown placeholder {{sub}`,
	} {
		if _, err := ParseTemplate(text, IsSessionPlaceholder); err == nil || err.Error() != want {
			t.Errorf("ParseTemplate(%q): %v, want %s", text, err, want)
		}
	}
}

func TestExpandNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	template, err := ParseTemplate("{sub}-{email}", IsSessionPlaceholder)
	if err != nil {
		t.Fatal(err)
	}
	for _, values := range []map[string]string{{"sub": "s"}, {"sub": "s", "email": ""}} {
		if _, err := template.Expand(lookup(values)); err == nil || err.Error() != "there is no value for {email}" {
			t.Errorf("got %v, want an error that names {email}", err)
		}
	}
	if got := template.Placeholders(); !slices.Equal(got, []string{"sub", "email"}) {
		t.Errorf("Placeholders() = %v", got)
	}
}

func ExampleTemplate() {
	template, _ := ParseTemplate("{email}-{claim:team}", IsSessionPlaceholder)
	token, _ := ParseToken(jwt(`{"email":"alice@example.com","team":"photo"}`))
	name, _ := template.Expand(token.Claims.Value)
	fmt.Println(name)
	// Output: alice@example.com-photo
}
