package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// role returns the role of the enhanced flow (AWS guide, role-based-access-control). If several logins have a
// mapping, the first by provider name counts (assumed).
func (w caller) role(custom string) (string, *awsError) {
	if len(w.logins) == 0 {
		return onlyRole(w.pool.UnauthenticatedRole, custom)
	}
	for _, l := range w.logins {
		if mapping, ok := w.pool.mappingOf(l); ok {
			return mapping.choose(l, custom, w.pool.AuthenticatedRole)
		}
	}
	return onlyRole(w.pool.AuthenticatedRole, custom)
}

// onlyRole returns the pool's own role. A request may also name it explicitly (assumed).
func onlyRole(role, custom string) (string, *awsError) {
	if custom != "" && custom != role {
		return "", roleForbidden(custom)
	}
	return role, nil
}

func (m RoleMapping) choose(l login, custom, authenticated string) (string, *awsError) {
	preferred, possible := m.roles(l)
	switch {
	case custom != "" && slices.Contains(possible, custom):
		return custom, nil
	case custom != "":
		return "", roleForbidden(custom)
	case preferred != "":
		return preferred, nil
	case m.AmbiguousRoleResolution == "AuthenticatedRole":
		return authenticated, nil
	}
	return "", notAuthorized("The ambiguous role mapping rules for: %s denied this request.", l.provider)
}

// roles returns the roles that a login may assume, and the one that it gets by default. preferred is "" if that is
// ambiguous.
func (m RoleMapping) roles(l login) (preferred string, possible []string) {
	if m.Type == "Token" {
		possible = rolesOf(l.claims["cognito:roles"])
		preferred = claimText(l.claims["cognito:preferred_role"])
		if preferred == "" && len(possible) == 1 {
			preferred = possible[0]
		}
		return preferred, possible
	}
	for _, rule := range m.Rules {
		if rule.matches(l.claims) {
			possible = append(possible, rule.RoleARN)
		}
	}
	if len(possible) > 0 {
		preferred = possible[0]
	}
	return preferred, possible
}

// matches compares the claim's string. A list matches if one of its values does; it is NotEqual if none is equal
// (assumed).
func (r RoleRule) matches(claims map[string]any) bool {
	claim, present := claims[r.Claim]
	if !present {
		return false // also for NotEqual: «the rule is not evaluated»
	}
	values := claimTexts(claim)
	switch r.MatchType {
	case "Equals":
		return slices.Contains(values, r.Value)
	case "NotEqual":
		return !slices.Contains(values, r.Value)
	case "StartsWith":
		return slices.ContainsFunc(values, func(v string) bool { return strings.HasPrefix(v, r.Value) })
	case "Contains":
		return slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, r.Value) })
	}
	return false
}

// rolesOf reads cognito:roles, which is a comma-separated string in the guide and a list in tokens.
func rolesOf(claim any) []string {
	var roles []string
	for _, text := range claimTexts(claim) {
		for role := range strings.SplitSeq(text, ",") {
			if role = strings.TrimSpace(role); role != "" {
				roles = append(roles, role)
			}
		}
	}
	return roles
}

func claimTexts(claim any) []string {
	list, ok := claim.([]any)
	if !ok {
		return []string{claimText(claim)}
	}
	var texts []string
	for _, item := range list {
		texts = append(texts, claimText(item))
	}
	return texts
}

func claimText(claim any) string {
	switch v := claim.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64) // not 1.7e+09
	}
	return fmt.Sprint(claim)
}

// roleForbidden has the wording of SetIdentityPoolRoles (assumed here).
func roleForbidden(role string) *awsError {
	return notAuthorized("Access to Role '%s' is forbidden.", role)
}
