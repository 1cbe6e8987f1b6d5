package io.github.gracefulshutdown.sample;

import com.zaxxer.hikari.HikariDataSource;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The database, with which several bots share their durable jobs. By hand, because Spring
 * Boot's {@code DataSource} is for applications that always have one.
 *
 * @author The Graceful Shutdown authors
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("bot.database.url")
class DatabaseConfiguration {

	@Bean
	HikariDataSource dataSource(@Value("${bot.database.url}") String url) {
		HikariDataSource dataSource = new HikariDataSource();
		dataSource.setJdbcUrl(url);
		return dataSource;
	}

}
