package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/daypass/daypass/pkg/policy"
)

func (s *STS) assumeRoleWithWebIdentity(r *http.Request, form url.Values) (any, *awsError) {
	in, fault := s.webIdentityRequestOf(form)
	if fault != nil {
		return nil, fault
	}
	identity, fault := s.verify(r.Context(), in)
	if fault != nil {
		return nil, fault
	}
	in.explain = explainer(r.Context())
	session, fault := s.assumeAs(identity, in.sessionRequest, requestContext(r, s.Now()))
	if fault != nil {
		return nil, fault
	}
	return webIdentityAnswer(session, identity, in.policySize), nil
}

// TrustPools makes the STS accept the tokens of Cognito's pools, and Cognito check the trust policies of roles before
// it issues their sessions. Call it before the first request.
func (s *STS) TrustPools(c *Cognito) {
	s.pools = c
	c.assume = func(a assumption) (Session, error) {
		in := sessionRequest{roleARN: a.roleARN, sessionName: a.sessionName, duration: a.duration, explain: a.explain}
		if a.policy != "" {
			p, err := policy.ParseIdentity([]byte(a.policy))
			if err != nil {
				return Session{}, err
			}
			in.policies = []policy.Document{p}
		}
		session, fault := s.assumeAs(webIdentityOfPool(a.token), in, requestContext(nil, s.Now()))
		if fault != nil {
			return Session{}, fault
		}
		return session, nil
	}
}

// assumeAs is AssumeRoleWithWebIdentity for an identity whose token was verified.
func (s *STS) assumeAs(identity webIdentity, in sessionRequest, request policy.Context) (Session, *awsError) {
	roles := identity.aws.roles
	if roles != nil && !slices.Contains(roles, in.roleARN) {
		return Session{}, invalidToken("The role is not among those that the identity provider authorized.") // assumed: the text
	}
	principal := federatedPrincipal(in.roleARN, identity.Issuer)
	trust, kept := identity.conditionKeys()
	for _, keys := range []policy.Context{trust, kept} {
		keys.Set("aws:FederatedProvider", principal)
	}
	for key, values := range request {
		trust[key] = values
	}
	trust.Set("sts:RoleAuthorizedByIdp", fmt.Sprint(roles != nil))
	session := Session{Subject: identity.Subject}
	if identity.Issuer == cognitoIssuer {
		session = Session{IdentityID: identity.Subject}
	}
	return s.assume(roleRequest{
		action: webIdentityAction, sessionRequest: in, principal: policy.Principal{Federated: principal},
		context: trust, claims: kept, tags: identity.aws.tags, sourceIdentity: identity.aws.sourceIdentity,
	}, session)
}

// verify verifies the token by the rules of its issuer.
func (s *STS) verify(ctx context.Context, in webIdentityRequest) (webIdentity, *awsError) {
	if in.providerID != "" {
		return s.inspect(in)
	}
	var identity webIdentity
	var err error
	if s.pools != nil && claimedIssuer(in.token) == cognitoIssuer {
		var token openIDToken
		token, err = s.pools.verifyOpenIDToken(in.token)
		identity = webIdentityOfPool(token)
	} else {
		identity, err = s.verifier.verify(ctx, in.token, func(issuer string) bool { return s.Providers[issuer] != nil })
	}
	if err != nil {
		return identity, stsTokenError(err, identity, s.Now())
	}
	if identity.Issuer != cognitoIssuer && !slices.Contains(s.Providers[identity.Issuer], identity.Audience) {
		return identity, invalidToken("Incorrect token audience")
	}
	return identity, nil
}

// inspect asks a provider without ID tokens which user the access token belongs to.
func (s *STS) inspect(in webIdentityRequest) (webIdentity, *awsError) {
	if in.providerID != facebook && in.providerID != loginWithAmazon || claimedIssuer(in.token) != "" {
		return webIdentity{}, invalidToken("ProviderId is not supported for OpenID Connect tokens.") // assumed: the text
	}
	inspector, known := s.Inspectors[in.providerID]
	if !known {
		return webIdentity{}, stsTokenError(errUnreachable, webIdentity{}, s.Now())
	}
	app, user, ok := inspector(in.token)
	if !ok {
		return webIdentity{}, &awsError{http.StatusForbidden, "IDPRejectedClaim", "The identity provider rejected the access token."} // assumed: the text
	}
	return webIdentity{Issuer: in.providerID, Subject: user, Audience: app}, nil
}

// stsTokenError returns the error for a refused token, in the wording of STS.
func stsTokenError(err error, identity webIdentity, now time.Time) *awsError {
	var missing missingClaimError
	var claims awsClaimsError
	switch {
	case errors.Is(err, errUnreachable):
		return &awsError{http.StatusBadRequest, "IDPCommunicationError", "Couldn't communicate with your identity provider."}
	case errors.Is(err, errExpired):
		return &awsError{http.StatusBadRequest, "ExpiredTokenException", fmt.Sprintf(
			"Token expired: current date/time %d must be before the expiration date/time %d", now.Unix(), identity.Expiry.Unix())}
	case errors.Is(err, errNoProvider):
		return invalidToken("No OpenIDConnect provider found in your account for " + identity.Issuer)
	case errors.Is(err, errNoKey):
		return invalidToken("Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements")
	case errors.Is(err, errAudiences):
		return invalidToken("Token audience contains more than one audience while authorized party is not present")
	case errors.Is(err, errNotYet):
		return invalidToken("The token is not valid yet.")
	case errors.As(err, &missing):
		return invalidToken("Missing a required claim: " + string(missing))
	case errors.As(err, &claims):
		return invalidToken(claims.Error()) // assumed: code and text
	}
	return invalidToken("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
}

func invalidToken(message string) *awsError {
	return &awsError{http.StatusBadRequest, "InvalidIdentityToken", message}
}
