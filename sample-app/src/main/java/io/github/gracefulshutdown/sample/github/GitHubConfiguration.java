package io.github.gracefulshutdown.sample.github;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;

/**
 * Makes the client of GitHub's REST API.
 *
 * @author The Graceful Shutdown authors
 */
@Configuration(proxyBeanMethods = false)
class GitHubConfiguration {

	@Bean
	GitHubApi gitHubApi(RestClient.Builder builder, GitHubProperties properties) {
		RestClient client = builder.baseUrl(properties.baseUrl())
			.defaultHeaders((headers) -> headers.setBearerAuth(properties.token()))
			.defaultHeader(HttpHeaders.ACCEPT, "application/vnd.github+json", MediaType.APPLICATION_JSON_VALUE)
			.defaultHeader("X-GitHub-Api-Version", "2022-11-28")
			.build();
		return HttpServiceProxyFactory.builderFor(RestClientAdapter.create(client))
			.build()
			.createClient(GitHubApi.class);
	}

}
