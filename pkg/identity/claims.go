package identity

import (
	"maps"
	"slices"
	"strings"
)

// AllClaims are the claims as the IdP wrote them, numbers in full (json.Number); nil for the zero Token.
func (t Token) AllClaims() map[string]any {
	payload, err := payloadOf(t.Raw.Reveal())
	if err != nil {
		return nil
	}
	return decodeClaims(payload)
}

// SessionTag is a tag that a token gives to the sessions of its roles: aws:PrincipalTag/KEY in policies.
type SessionTag struct {
	Key, Value string
	// Transitive tags go on to the next roles of a chain.
	Transitive bool
}

// tagsClaim is where STS finds session tags: an object of principal_tags (each a list of one value) and
// transitive_tag_keys, or both flattened into claims of their own, for IdPs that cannot nest (IAM user
// guide, id_session-tags).
const tagsClaim = "https://aws.amazon.com/tags"

// SessionTags are the tags that STS reads in the claims, by key. What STS would refuse is not among them.
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
	transitive := texts(nested["transitive_tag_keys"])
	if flat, ok := c.all[tagsClaim+"/transitive_tag_keys"]; ok {
		transitive = texts(flat)
	}
	var tags []SessionTag
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if value := texts(values[key]); len(value) == 1 {
			tags = append(tags, SessionTag{key, value[0], slices.Contains(transitive, key)})
		}
	}
	return tags
}

// texts are the texts of a claim that is one, or a list of them.
func texts(claim any) []string {
	switch v := claim.(type) {
	case string:
		return []string{v}
	case []any:
		all := make([]string, 0, len(v))
		for _, item := range v {
			text, ok := item.(string)
			if !ok {
				return nil
			}
			all = append(all, text)
		}
		return all
	}
	return nil
}
