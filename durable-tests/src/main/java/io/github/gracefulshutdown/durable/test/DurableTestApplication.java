package io.github.gracefulshutdown.durable.test;

import com.zaxxer.hikari.HikariDataSource;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

/**
 * An application whose durable jobs take the time that their caller demands.
 *
 * @author The Graceful Shutdown authors
 */
@SpringBootApplication
public class DurableTestApplication {

	/**
	 * The database of the application, if it has one.
	 * @param url its URL
	 * @return the database
	 */
	@Bean
	@ConditionalOnProperty("database")
	HikariDataSource dataSource(@Value("${database}") String url) {
		HikariDataSource dataSource = new HikariDataSource();
		dataSource.setJdbcUrl(url);
		return dataSource;
	}

	public static void main(String[] args) {
		SpringApplication.run(DurableTestApplication.class, args);
		System.out.println("The test application has started");
	}

}
