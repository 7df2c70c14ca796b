package identity

import (
	"maps"
	"slices"
	"strings"
)

// AllClaims returns all claims, with numbers as json.Number. It returns nil for the zero Token.
func (t Token) AllClaims() map[string]any {
	payload, err := payloadOf(t.Raw.Reveal())
	if err != nil {
		return nil
	}
	return decodeClaims(payload)
}

// SessionTag is a tag that a token sets on role sessions: aws:PrincipalTag/KEY in policies.
type SessionTag struct {
	Key, Value string
	// Transitive tags also apply to the next roles of a chain.
	Transitive bool
}

// tagsClaim is the claim with session tags: an object with principal_tags (each a list of one value) and
// transitive_tag_keys. For IdPs that cannot nest claims, both can be top-level claims with this prefix (IAM user guide,
// id_session-tags).
const tagsClaim = "https://aws.amazon.com/tags"

// SessionTags returns the tags that STS reads in the claims, sorted by key, without those that STS would refuse.
func (c Claims) SessionTags() []SessionTag {
	nested, _ := c.all[tagsClaim].(map[string]any)
	values, _ := nested["principal_tags"].(map[string]any)
	values = maps.Clone(values)
	if values == nil {
		values = map[string]any{}
	}
	for name, value := range c.all {
		if key, ok := strings.CutPrefix(name, tagsClaim+"/principal_tags/"); ok {
			values[key] = value
		}
	}
	transitive := stringList(nested["transitive_tag_keys"])
	if flat, ok := c.all[tagsClaim+"/transitive_tag_keys"]; ok {
		transitive = stringList(flat)
	}
	var tags []SessionTag
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if value := stringList(values[key]); len(value) == 1 {
			tags = append(tags, SessionTag{key, value[0], slices.Contains(transitive, key)})
		}
	}
	return tags
}

// stringList returns a claim that is a string or a list of strings, or nil for any other.
func stringList(claim any) []string {
	switch v := claim.(type) {
	case string:
		return []string{v}
	case []any:
		all := make([]string, 0, len(v))
		for _, item := range v {
			s, ok := item.(string)
			if !ok {
				return nil
			}
			all = append(all, s)
		}
		return all
	}
	return nil
}
