package remedy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"

	"github.com/daypass/daypass/pkg/internal/httpclient"
)

// adviceForNetwork is for failures without a response.
func adviceForNetwork(err error) (advice, bool) {
	for _, row := range networkRules {
		if row.matches(err) {
			return row.advice, true
		}
	}
	return advice{}, false
}

var networkRules = []struct {
	matches func(error) bool
	advice
}{
	{isType[*httpclient.ProxyVariableError], advice{try: "HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT", exit: ExitUsage}},
	{proxyResponse(wantsOtherScheme), advice{
		likely:  "the proxy requires a sign-in method other than Basic, which daypass does not support",
		compare: "the proxy's rules for this machine",
		try:     "HTTPS_PROXY with a local proxy that signs in to it",
		exit:    ExitFailed,
	}},
	{proxyResponse(func(e *httpclient.ProxyError) bool { return e.Status == http.StatusProxyAuthRequired }),
		advice{
			likely:  "the proxy requires a user name and a password, or refused them",
			compare: "HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT",
			exit:    ExitFailed,
		}},
	{proxyResponse(func(e *httpclient.ProxyError) bool { return e.Status >= http.StatusInternalServerError }),
		advice{
			likely:  "the proxy cannot reach this host, or has a temporary problem",
			compare: "the issuer, the region and the endpoints in the profile",
			try:     againInAMinute,
			exit:    ExitFailed,
		}},
	{proxyResponse(func(e *httpclient.ProxyError) bool { return e.Status != 0 }),
		advice{
			likely:  "the proxy does not allow this host",
			compare: "the proxy's rules; NO_PROXY for hosts that need no proxy",
			exit:    ExitFailed,
		}},
	{unknownAuthority, advice{
		likely:  "a proxy or a private CA signed the server's certificate",
		compare: "AWS_CA_BUNDLE, or ca_bundle in the profile, with that CA in it",
		exit:    ExitFailed,
	}},
	{isType[x509.HostnameError], advice{
		likely:  "the server's certificate is for another host",
		compare: "the issuer and the endpoints in the profile",
		exit:    ExitFailed,
	}},
	{isType[x509.CertificateInvalidError], advice{
		likely:  "the server's certificate has expired, or the local clock is wrong",
		compare: "the local clock with the correct time",
		exit:    ExitFailed,
	}},
	{isType[tls.RecordHeaderError], advice{
		likely:  "the server does not speak https",
		compare: "https in the issuer, the endpoints and HTTPS_PROXY",
		exit:    ExitFailed,
	}},
	{nameNotFound, advice{
		likely:  "the host does not exist, or there is no network",
		compare: "the issuer, the region and the endpoints in the profile",
		exit:    ExitFailed,
	}},
	{isType[*net.DNSError], advice{likely: "host names cannot be resolved; there may be no network", try: againInAMinute, exit: ExitFailed}},
	{connectionRefused, advice{
		likely:  "no server is running at this address",
		compare: "the issuer, the endpoints and HTTPS_PROXY",
		exit:    ExitFailed,
	}},
	{unreachable, advice{
		likely:  "this network cannot be reached",
		compare: "the local network and HTTPS_PROXY",
		exit:    ExitFailed,
	}},
	{timedOut, advice{likely: "the server did not respond in time", compare: "the local network and HTTPS_PROXY", exit: ExitFailed}},
	{connectionClosed, advice{
		likely:  "the server or a proxy closed the connection",
		compare: "the local network and HTTPS_PROXY",
		try:     "again",
		exit:    ExitFailed,
	}},
	{canceled, advice{exit: ExitInterrupted}},
}

// proxyResponse matches a ProxyError for which the condition is true.
func proxyResponse(condition func(*httpclient.ProxyError) bool) func(error) bool {
	return func(err error) bool {
		e, ok := errors.AsType[*httpclient.ProxyError](err)
		return ok && condition(e)
	}
}

// wantsOtherScheme reports whether the proxy requires a sign-in method other than Basic, the only one that net/http
// supports.
func wantsOtherScheme(e *httpclient.ProxyError) bool {
	basic := func(scheme string) bool { return strings.EqualFold(scheme, "Basic") }
	return e.Status == http.StatusProxyAuthRequired && len(e.Schemes) > 0 && !slices.ContainsFunc(e.Schemes, basic)
}

func isType[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// unknownAuthority also matches the errors of platform verifiers.
func unknownAuthority(err error) bool {
	return isType[x509.UnknownAuthorityError](err) || isType[*x509.UnknownAuthorityError](err) ||
		isType[x509.SystemRootsError](err) || strings.Contains(err.Error(), "certificate is not trusted")
}

func nameNotFound(err error) bool {
	dns, ok := errors.AsType[*net.DNSError](err)
	return ok && dns.IsNotFound
}

func connectionRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

func unreachable(err error) bool {
	return errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EHOSTUNREACH)
}

func timedOut(err error) bool {
	network, ok := errors.AsType[net.Error](err)
	return errors.Is(err, context.DeadlineExceeded) || ok && network.Timeout()
}

func connectionClosed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}

func canceled(err error) bool { return errors.Is(err, context.Canceled) }
